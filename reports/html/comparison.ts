import { WARM_UP } from "../../gates/definitions/requests.ts";
import type { RunRecord } from "../../gates/evidence/index.ts";
import { formatCount, formatRatio, formatShare } from "../../gates/format.ts";
import { type LoadSample, loadedTargets, sampleOf } from "../../gates/load-sample.ts";
import { type QuantileRatio, quantileRatio } from "../../gates/statistics/mover.ts";
import { type Html, section, table } from "./markup.ts";

const quantiles = [0.5, 0.95, 0.99] as const;
/** What is held against the margin, as the strictest of the usual gates does. */
const DECIDING = 0.95;

/** For each candidate under load: its latency as a multiple of the baseline's, by endpoint, with intervals. */
export function comparisonSections(record: RunRecord): readonly Html[] {
  const baseline = record.file.targets.find(({ role }) => role === "baseline")?.name;
  const loaded = loadedTargets(record);
  if (baseline === undefined || !loaded.includes(baseline)) return [];
  return loaded
    .filter((target) => target !== baseline)
    .map((target) => comparisonSection(record, target, baseline));
}

function comparisonSection(record: RunRecord, target: string, baseline: string): Html {
  const [own, base] = [answered(record, target), answered(record, baseline)];
  const margin = record.file.profile.gates.find((gate) => gate.margin !== undefined)?.margin;
  const endpoints = [...own.tally(({ endpoint }) => endpoint).keys()];
  const rows = ["all", ...endpoints].map((name) => {
    const [a, b] = [own, base].map((sample) =>
      name === "all" ? sample : sample.only(({ endpoint }) => endpoint === name),
    ) as [LoadSample, LoadSample];
    const ratios = quantiles.map((q) => quantileRatio(a.waits(), b.waits(), q));
    return { name, n: a.n, nBase: b.n, ratios };
  });
  const limit = 1 + (margin ?? 0);
  return section(
    `comparison-${target}`,
    `Latency of ${target} against ${baseline}`,
    `How many times as long ${target} took, request for request answered rightly, with 95 % bounds on either side (MOVER); "none" where there are too few. ${wasPaired(record, target, baseline) ? "The same users came to both at the same time, so what slowed the machine slowed both." : "The loads ran one after the other."}`,
    table(
      [
        { title: "endpoint", cell: (row) => row.name },
        { title: "n", cell: (row) => `${formatCount(row.n)} / ${formatCount(row.nBase)}`, number: true },
        ...quantiles.map((q, index) => ({
          title: `P${q * 100}`,
          cell: (row: (typeof rows)[number]) => interval(row.ratios[index]),
          number: true,
        })),
        ...(margin === undefined
          ? []
          : [
              {
                title: `P95 within ${formatShare(margin)}`,
                cell: (row: (typeof rows)[number]) => within(row.ratios[quantiles.indexOf(DECIDING)], limit),
              },
            ]),
      ],
      rows,
      `Latency of ${target} against ${baseline}, by endpoint`,
    ),
  );
}

function answered(record: RunRecord, target: string): LoadSample {
  return sampleOf(record, target).only(({ outcome, phase }) => outcome === "ok" && phase !== WARM_UP);
}

function interval(ratio: QuantileRatio | undefined): string {
  if (ratio === undefined || ratio.estimate === null) return "";
  const { estimate, lower, upper } = ratio;
  return `${formatRatio(estimate)} [${lower === null ? "none" : formatRatio(lower, "down")}, ${upper === null ? "none" : formatRatio(upper, "up")}]`;
}

function within(ratio: QuantileRatio | undefined, limit: number): string {
  if (ratio?.upper != null && ratio.upper <= limit) return "shown";
  if (ratio?.lower != null && ratio.lower > limit) return "no";
  return "open";
}

/** Both loads began before either ended. */
function wasPaired(record: RunRecord, ...targets: readonly string[]): boolean {
  const own = record.file.stages.filter(({ name, target }) => name === "load" && targets.includes(target));
  const lastStart = Math.max(...own.map(({ startedAt }) => Date.parse(startedAt ?? "")));
  const firstEnd = Math.min(...own.map(({ endedAt }) => Date.parse(endedAt ?? "")));
  return lastStart < firstEnd;
}
