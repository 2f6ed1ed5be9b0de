import type { GateOutcome } from "../../gates/evidence/index.ts";
import { formatCount, formatMs } from "../../gates/format.ts";
import type { SortedMs } from "../../gates/statistics/quantiles.ts";
import { histogram, roundUp } from "../figures.ts";
import { gateBounds, gateValue } from "../outcomes.ts";
import { type Html, html } from "./markup.ts";

const round = (value: number): number => Math.round(value * 10) / 10;

/** Estimate and bounds of a gate on one scale with its limit. */
export function boundsChart(gate: GateOutcome): Html | undefined {
  const { estimate, lower, upper, limit } = gate;
  if (typeof estimate !== "number" || limit === undefined || lower === undefined || upper === undefined)
    return undefined;
  const most = Math.max(limit, upper ?? 0, estimate) * 1.12;
  const x = (value: number): number => round((value / most) * 196 + 2);
  // Without an upper bound the interval runs out of the picture.
  const from = x(lower ?? 0);
  const to = upper === null ? 200 : x(upper);
  const label = `estimate ${gateValue(gate, estimate)}, bounds ${gateBounds(gate)}, limit ${gateValue(gate, limit)}`;
  return html`<svg class="bounds" viewBox="0 0 200 24" role="img" aria-label="${label}">
<line class="axis" x1="2" y1="12" x2="198" y2="12"/>
<line class="interval ${gate.kind}" x1="${from}" y1="12" x2="${Math.max(to, from + 2)}" y2="12"/>
<circle class="estimate ${gate.kind}" cx="${x(estimate)}" cy="12" r="4"/>
<line class="limit" x1="${x(limit)}" y1="2" x2="${x(limit)}" y2="22"/>
</svg>`;
}

/** A distribution as wide as a word: counts over a logarithmic scale that all rows of a table share. */
export function sparkline(sorted: SortedMs, least: number, most: number): Html {
  const bins = 32;
  const low = Math.log(Math.max(least, 0.1));
  const span = Math.max(Math.log(Math.max(most, 0.2)) - low, 0.01);
  const place = Array.from(sorted, (ms) => ((Math.log(Math.max(ms, 0.1)) - low) / span) * bins);
  const counts = histogram(place, bins, bins).map((bin) => bin.count);
  const highest = Math.max(1, ...counts);
  const bars = counts.flatMap((count, index) => {
    if (count === 0) return [];
    // A single request must be seen: the slow ones are the interesting ones.
    const height = round(Math.max(1.5, (count / highest) * 22));
    return [html`<rect x="${index * 4}" y="${round(24 - height)}" width="3" height="${height}"/>`];
  });
  const label = `distribution of ${formatCount(sorted.length)} latencies from ${formatMs(sorted[0] ?? 0)} to ${formatMs(sorted.at(-1) ?? 0)}`;
  return html`<svg class="spark" viewBox="0 0 128 24" role="img" aria-label="${label}">${bars}</svg>`;
}

/** A histogram with axes, and a line where the limit is. */
export function histogramChart(values: SortedMs, limit: number | undefined): Html {
  const [width, height, left, right, bottom] = [720, 220, 44, 28, 34];
  const longest = Math.max(values.at(-1) ?? 1, (limit ?? 0) * 1.08);
  const step = roundUp(longest / 8);
  const most = Math.ceil(longest / step) * step;
  const bins = histogram(values, most, 48);
  const highest = roundUp(Math.max(1, ...bins.map((bin) => bin.count)));
  const x = (ms: number): number => round(left + (ms / most) * (width - left - right));
  const y = (count: number): number => round(height - bottom - (count / highest) * (height - bottom - 22));
  const xTicks = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step);
  const yTicks = highest % 2 === 0 ? [0, highest / 2, highest] : [0, highest];
  const bars = bins
    .filter((bin) => bin.count > 0)
    .map(
      (bin) =>
        html`<rect class="bar" x="${round(x(bin.from) + 0.5)}" y="${y(bin.count)}" width="${round(x(bin.to) - x(bin.from) - 1)}" height="${round(y(0) - y(bin.count))}"><title>${formatCount(bin.count)} from ${formatMs(bin.from)} to ${formatMs(bin.to)}</title></rect>
`,
    );
  const limitLine =
    limit !== undefined &&
    html`<line class="limit" x1="${x(limit)}" y1="16" x2="${x(limit)}" y2="${height - bottom}"/>
<text class="limit-label" x="${x(limit) - 6}" y="12" text-anchor="end">limit ${formatMs(limit)}</text>`;
  const label = `histogram of ${formatCount(values.length)} values${limit === undefined ? "" : `, limit ${formatMs(limit)}`}`;
  return html`<svg class="histogram" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${yTicks.map(
  (count) => html`<line class="axis" x1="${left}" y1="${y(count)}" x2="${width - right}" y2="${y(count)}"/>
<text x="${left - 8}" y="${y(count) + 4}" text-anchor="end">${formatCount(count)}</text>
`,
)}${bars}${limitLine}
${xTicks.map((ms) => html`<text x="${x(ms)}" y="${height - bottom + 18}" text-anchor="middle">${formatCount(ms)}</text>`)}
<text class="unit" x="${width - 12}" y="${height - 2}" text-anchor="end">ms, as the client waited</text>
</svg>
`;
}
