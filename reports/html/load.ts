import type { RunRecord } from "../../gates/evidence/index.ts";
import { formatCount, formatMs, formatShare, plural } from "../../gates/format.ts";
import { type Ending, type LoadSample, loadedTargets, sampleOf } from "../../gates/load-sample.ts";
import { quantile, quantileBounds, type SortedMs } from "../../gates/statistics/quantiles.ts";
import { smallestSample } from "../../gates/statistics/sample-size.ts";
import { coldStartFigures, errorKinds, groups, type Latency, latencyOf, shownOf } from "../figures.ts";
import { histogramChart, sparkline } from "./charts.ts";
import { type Column, type Html, html, section, table } from "./markup.ts";

/** Load of each target: errors by kind, latency by phase and endpoint. */
export function loadSections(record: RunRecord): readonly Html[] {
  return loadedTargets(record).map((target) => {
    const requests = sampleOf(record, target);
    const errors = errorKinds(requests);
    const failed = requests.only((request) => request.outcome !== "ok").n;
    return section(
      `load-${target}`,
      `Load on ${target}`,
      `${plural(requests.n, "request")}, ${plural(failed, "error")}. Latency counts from when a request was due to its last byte. Percentiles are estimates; the P99 has 95 % bounds where the samples give them.`,
      errors.length > 0 &&
        html`<h3>Errors</h3>${table(
          [
            { title: "kind", cell: (row) => row.outcome },
            { title: "reply", cell: (row) => row.reply },
            { title: "count", cell: (row) => formatCount(row.count), number: true },
            { title: "share", cell: (row) => formatShare(row.count / requests.n), number: true },
          ],
          errors,
          `Errors on ${target}`,
        )}`,
      html`<h3>Phases</h3>`,
      latencyTable("phase", `Latency by phase on ${target}`, requests, (request) => request.phase),
      html`<h3>Endpoints</h3>`,
      latencyTable("endpoint", `Latency by endpoint on ${target}`, requests, (request) => request.endpoint),
    );
  });
}

function latencyTable(
  title: string,
  caption: string,
  requests: LoadSample,
  key: (request: Ending) => string,
): Html {
  const rows = [...requests.tally(key).keys()].map((name) => {
    const { sorted, ...figures } = latencyOf(requests.only((request) => key(request) === name));
    return { name, ...figures, shown: shownOf(sorted) };
  });
  const all = shownOf(requests.waits());
  const ms = (value: number | null): string => (value === null ? "" : formatMs(value));
  const bounds = ({ p99Lower, p99Upper }: Pick<Latency, "p99Lower" | "p99Upper">): string =>
    `[${p99Lower === null ? "none" : formatMs(p99Lower, "down")}, ${p99Upper === null ? "none" : formatMs(p99Upper, "up")}]`;
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title, cell: (row) => row.name },
    { title: "n", cell: (row) => formatCount(row.n), number: true },
    { title: "errors", cell: (row) => formatCount(row.errors), number: true },
    { title: "P50", cell: (row) => ms(row.p50), number: true },
    { title: "P95", cell: (row) => ms(row.p95), number: true },
    { title: "P99", cell: (row) => ms(row.p99), number: true },
    { title: "bounds of P99", cell: (row) => bounds(row), number: true },
    { title: "distribution", cell: (row) => sparkline(row.shown, all[0] ?? 1, all.at(-1) ?? 1) },
  ];
  return table(columns, rows, caption);
}

/** A quantile with its bounds, or what it would take to have some. */
function boundedQuantile(sorted: SortedMs, q: number): string {
  const estimate = quantile(sorted, q);
  if (estimate === null) return "";
  const { lower, upper } = quantileBounds(sorted, q);
  if (upper === null) return `too few: takes ${formatCount(smallestSample(1 - q, 0))}`;
  return `${formatMs(estimate)} [${lower === null ? "none" : formatMs(lower, "down")}, ${formatMs(upper, "up")}]`;
}

/** Cold starts of each target and population, by function, with the limit they are held to. */
export function coldStartSections(record: RunRecord): readonly Html[] {
  return groups(record.coldStarts, (sample) => `${sample.target}\n${sample.population}`).map(
    ([, samples]) => {
      const { target = "", population = "serial" } = samples[0] ?? {};
      const figures = coldStartFigures(samples);
      const pooled = coldStartFigures(samples.map((sample) => ({ ...sample, function: "all" })))[0];
      // The limit is for samples forced one at a time; a burst is another population.
      const gate = record.file.profile.gates.find(
        (spec) => spec.gate === "coldStart.p99" && (spec.target ?? target) === target,
      );
      const ms = (value: number | null): string => (value === null ? "" : formatMs(value));
      const forced =
        population === "serial" ? "forced one at a time, beside no other load" : "forced many at once";
      return section(
        `cold-starts-${target}-${population}`,
        `Cold starts of ${target}${population === "burst" ? " in a burst" : ""}`,
        `${plural(pooled?.cold ?? 0, "cold start")} of ${plural(figures.length, "function")}, ${forced}. What the client waited, and how much of it was Lambda's initialisation. Quantiles stand with their 95 % bounds; where the samples give none it says how many it takes.`,
        pooled &&
          pooled.client.length > 0 &&
          histogramChart(pooled.client, population === "serial" ? gate?.limit : undefined),
        table(
          [
            { title: "function", cell: (row) => row.name },
            { title: "samples", cell: (row) => formatCount(row.n), number: true },
            { title: "cold", cell: (row) => formatCount(row.cold), number: true },
            { title: "not cold", cell: (row) => row.others.join(", ") },
            { title: "client P50", cell: (row) => boundedQuantile(row.client, 0.5), number: true },
            { title: "P90", cell: (row) => boundedQuantile(row.client, 0.9), number: true },
            { title: "P99", cell: (row) => boundedQuantile(row.client, 0.99), number: true },
            { title: "slowest", cell: (row) => ms(row.client.at(-1) ?? null), number: true },
            { title: "init P50", cell: (row) => ms(quantile(row.init, 0.5)), number: true },
          ],
          [...(pooled ? [{ ...pooled, name: "all, by weight" }] : []), ...figures],
          `Cold starts of ${target} by function`,
        ),
      );
    },
  );
}
