import type { ColdStart, RunTarget } from "../evidence/index.ts";
import { formatCount, formatMs, plural, some } from "../format.ts";
import { quantile, quantileBounds, sortMs } from "../statistics/quantiles.ts";
import { CONFIDENCE, judgeExceedance, settlingRun } from "./exceedance.ts";
import {
  findStage,
  type GateKind,
  isComplete,
  judgedTarget,
  lostLines,
  type Obstacle,
  oneTarget,
  outcomeOf,
  stageObstacle,
} from "./kind.ts";

/** At most 1 of 100 may exceed the limit. */
const EXCEEDING = 0.01;

/**
 * 99 of 100 cold starts, forced one at a time, take the client at most the limit. The client's wall time
 * counts, not Init Duration: Lambda may begin to initialise before anybody waits, and the caller waits for
 * more than the initialisation.
 */
export const coldStartP99: GateKind = {
  name: "coldStart.p99",
  targets: oneTarget,
  judge(record, spec) {
    const target = judgedTarget(record, spec);
    const limit = spec.limit ?? 0;
    if (!target)
      return { ...outcomeOf(spec), kind: "absent", reason: "Its target was not part of this run." };
    const own = record.coldStarts.filter((sample) => sample.target === target.name);
    const stage = findStage(record, "cold-starts", target.name);
    const obstacle =
      lostLines(record, "coldStarts") ??
      stageObstacle(stage, "cold-starts", target.name, own.length) ??
      unusable(own, target, stage?.planned ?? 0);
    if (obstacle) return { ...outcomeOf(spec, target.name), unit: "ms", limit, ...obstacle };

    const waits = serialColdMs(own);
    const x = waits.filter((ms) => ms > limit).length;
    const n = waits.length;
    const { kind, pValue } = judgeExceedance(x, n, EXCEEDING, spec.sequential);
    const { lower, upper } = quantileBounds(waits, 1 - EXCEEDING);
    const seen = `${formatCount(x)} of ${plural(n, "cold start")} over ${formatMs(limit)}`;
    const atMost =
      upper === null ? "cannot be bounded by so few samples" : `may be up to ${formatMs(upper, "up")}`;
    const reason = {
      pass: `Cold-start P99 is at most ${formatMs(upper ?? limit, "up")}: ${seen}.`,
      fail: `Cold-start P99 is at least ${formatMs(lower ?? limit, "down")}, over the limit of ${formatMs(limit)}: ${seen}.`,
      inconclusive: `Cold-start P99 ${atMost}, the limit is ${formatMs(limit)}: ${seen}.`,
    }[kind];
    const command = (size: number): string =>
      `npm start -- --profile ${record.file.profile.name} --samples ${size}`;
    return {
      ...outcomeOf(spec, target.name),
      unit: "ms",
      limit,
      estimate: quantile(waits, 1 - EXCEEDING),
      lower,
      upper,
      confidence: CONFIDENCE,
      n,
      x,
      pValue,
      kind,
      reason,
      ...(kind !== "pass" && {
        needs: settlingRun(x, n, EXCEEDING, "cold starts take longer", command, spec.sequential),
      }),
    };
  },
};

/** What clients waited in serial samples that were cold, in order of size. */
export function serialColdMs(samples: readonly ColdStart[]): ReturnType<typeof sortMs> {
  const cold = samples.filter((sample) => sample.population === "serial" && sample.classification === "cold");
  return sortMs(cold.map((sample) => sample.clientMs));
}

/** Leaving out samples that are slow for a reason of their own would flatter the rest, so they spoil it instead. */
function unusable(own: readonly ColdStart[], target: RunTarget, planned: number): Obstacle | undefined {
  const serial = own.filter((sample) => sample.population === "serial");
  const invalid = (reason: string): Obstacle => ({ kind: "invalid", reason });
  const count = (kind: ColdStart["classification"]): number =>
    serial.filter((sample) => sample.classification === kind).length;
  if (own.length !== planned) return invalid(`${planned} samples were planned, but ${own.length} recorded.`);
  if (!isComplete(own.map((sample) => sample.sample))) return invalid("Samples are missing or repeated.");
  if (count("unknown") > 0) {
    return invalid(
      `${plural(count("unknown"), "sample")} without a REPORT: nobody can tell whether they were cold.`,
    );
  }
  if (count("suppressed") > 0) {
    return invalid(`${plural(count("suppressed"), "sample")} met a crashed or timed-out initialisation.`);
  }
  const failed = serial.find((sample) => sample.error !== undefined);
  if (failed) return invalid(`${failed.function} failed while it was probed: ${failed.error}.`);
  const weighted = (target.functions ?? []).filter((one) => (one.weight ?? 0) > 0).map((one) => one.name);
  const seen = new Set(
    serial.filter((sample) => sample.classification === "cold").map((sample) => sample.function),
  );
  const unseen = weighted.filter((name) => !seen.has(name));
  if (unseen.length > 0) return invalid(`No cold start of ${some(unseen)} was seen.`);
  if (count("cold") === 0) return invalid("None of the samples was cold.");
  return undefined;
}
