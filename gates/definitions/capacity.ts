import type { CapacityResult, GateOutcome, RunRecord } from "../evidence/index.ts";
import { formatRate, formatShare, plural, type Rounding } from "../format.ts";
import { plannedReplicates } from "../statistics/sample-size.ts";
import { belowPValue, type MeanBounds, meanBounds, welchBounds } from "../statistics/welch.ts";
import { CONFIDENCE } from "./exceedance.ts";
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

type Found = Omit<GateOutcome, "gate" | "target" | "required">;

/** The candidate holds at least `limit` of the baseline's capacity: Welch's t on logarithms, over whole searches. */
export const capacityRatio: GateKind = {
  name: "capacity.ratio",
  targets: (record, spec) =>
    record.file.targets.filter(
      (target) => target.role === "baseline" || target.name === judgedTarget(record, spec)?.name,
    ),
  judge(record, spec) {
    const target = judgedTarget(record, spec)?.name;
    const baseline = record.file.targets.find((one) => one.role === "baseline")?.name;
    const base = { ...outcomeOf(spec, target), unit: "share", limit: spec.limit ?? 0 } as const;
    if (target === undefined || baseline === undefined)
      return { ...base, kind: "absent", reason: "It takes a baseline and a candidate in one run." };
    const obstacle = capacityObstacle(record, baseline) ?? capacityObstacle(record, target);
    return { ...base, ...(obstacle ?? ratio(record, target, baseline, spec.limit ?? 0)) };
  },
};

/** The target holds at least so many arrivals a second within its objective. */
export const capacityAbsolute: GateKind = {
  name: "capacity.absolute",
  targets: oneTarget,
  judge(record, spec) {
    const target = judgedTarget(record, spec)?.name;
    const base = { ...outcomeOf(spec, target), unit: "perSecond", limit: spec.limit ?? 0 } as const;
    if (target === undefined)
      return { ...base, kind: "absent", reason: "Its target was not part of this run." };
    return {
      ...base,
      ...(capacityObstacle(record, target) ?? absolute(record, target, spec.limit ?? 0)),
    };
  },
};

function ratio(record: RunRecord, target: string, baseline: string, limit: number): Found {
  const [own, other] = [searches(record, target), searches(record, baseline)];
  const floor = Math.max(stepVariance(own), stepVariance(other));
  // A search that met no end on one side bounds the ratio on the other side only.
  const welch = (a: Logs, b: Logs): MeanBounds | undefined => a && b && welchBounds(a, b, { floor });
  const fails = [highest(own, "rate"), lowest(other)] as const;
  return found(record, limit, {
    passing: welch(lowest(own), highest(other, "rate")),
    failing: welch(...fails),
    pValue: fails[0] && fails[1] ? belowPValue([fails[0], fails[1]], Math.log(limit), floor) : 1,
    subject: "The candidate's capacity",
    format: (value, rounding) => `${formatShare(value, rounding)} of the baseline's`,
    seen: `${rates(own)} of ${target} against ${rates(other)} of ${baseline}, ${plural(Math.min(own.length, other.length), "replicate")} each`,
    n: Math.min(own.length, other.length),
    replicates: plannedReplicates(limit, Math.sqrt(Math.max(variance(own), variance(other), floor))),
  });
}

function absolute(record: RunRecord, target: string, limit: number): Found {
  const own = searches(record, target);
  const floor = stepVariance(own);
  const bounds = (logs: Logs): MeanBounds | undefined => logs && meanBounds(logs, { floor });
  const failing = highest(own, "failedRate");
  return found(record, limit, {
    passing: bounds(lowest(own)),
    failing: bounds(failing),
    pValue: failing ? belowPValue([failing], Math.log(limit), floor) : 1,
    subject: `The capacity of ${target}`,
    format: formatRate,
    seen: `${rates(own)}, ${plural(own.length, "replicate")}`,
    n: own.length,
    // A service that holds a tenth more than its limit is the one to plan for.
    replicates: plannedReplicates(1 / 1.1, Math.sqrt(Math.max(variance(own), floor))),
  });
}

interface Facts {
  /** Bounds that may understate the target, and that may overstate it; undefined when the searches give none. */
  readonly passing: MeanBounds | undefined;
  readonly failing: MeanBounds | undefined;
  readonly pValue: number;
  readonly subject: string;
  readonly format: (value: number, rounding?: Rounding) => string;
  readonly seen: string;
  readonly n: number;
  /** Replicates of the fresh run that would settle it. */
  readonly replicates: number;
}

function found(record: RunRecord, limit: number, facts: Facts): Found {
  const { passing, failing, subject, format, seen, n } = facts;
  const lower = passing?.lower == null ? null : Math.exp(passing.lower);
  const upper = failing?.upper == null ? null : Math.exp(failing.upper);
  const kind =
    lower !== null && lower >= limit ? "pass" : upper !== null && upper < limit ? "fail" : "inconclusive";
  const estimate = passing?.estimate ?? failing?.estimate;
  const atLeast = lower === null ? "cannot be bounded" : `may be as low as ${format(lower, "down")}`;
  const reason = {
    pass: `${subject} is at least ${format(lower ?? limit, "down")}: ${seen}.`,
    fail: `${subject} is at most ${format(upper ?? limit, "up")}, under the limit of ${format(limit)}: ${seen}.`,
    inconclusive: `${subject} ${atLeast}, the limit is ${format(limit)}: ${seen}.`,
  }[kind];
  const size = Math.max(facts.replicates, n + 1);
  return {
    estimate: estimate === undefined ? null : Math.exp(estimate),
    lower,
    upper,
    confidence: CONFIDENCE,
    n,
    pValue: facts.pValue,
    kind,
    reason,
    ...(kind !== "pass" && {
      needs: {
        n: size,
        command: `npm run capacity -- --profile ${record.file.profile.name} --replicates ${size}`,
        because: "with the variation that was seen, a good target is shown to be one in 8 of 10 such runs",
      },
    }),
  };
}

/** Logarithms of rates, one for each replicate; undefined when one of them has no such bound. */
type Logs = readonly number[] | undefined;

/** At most what the target held in each search; undefined when it did not even hold the lowest step of one. */
function lowest(own: readonly CapacityResult[]): Logs {
  return allOrNone(own.map((one) => one.rate));
}

/** At least what the target held in each search; undefined when one of them met no end. */
function highest(own: readonly CapacityResult[], found: "rate" | "failedRate"): Logs {
  return allOrNone(
    own.map((one) => {
      if (one.ended === "at-least") return null;
      if (one.ended === "below") return Math.min(...one.steps.map((step) => step.rate));
      return one[found] ?? one.rate;
    }),
  );
}

function allOrNone(rates: readonly (number | null)[]): Logs {
  const logs = rates.flatMap((rate) => (rate !== null && Number.isFinite(rate) ? [Math.log(rate)] : []));
  return logs.length === rates.length ? logs : undefined;
}

/** What was searched in steps is known to a step only: the variance of a uniform distribution over one. */
function stepVariance(own: readonly CapacityResult[]): number {
  const steps = own.flatMap(({ rate, failedRate }) =>
    rate !== null && failedRate !== undefined ? [Math.log(failedRate / rate)] : [],
  );
  return steps.length === 0 ? 0 : Math.max(...steps) ** 2 / 12;
}

function variance(own: readonly CapacityResult[]): number {
  const logs = own.flatMap(({ rate }) => (rate === null ? [] : [Math.log(rate)]));
  const mean = logs.reduce((sum, log) => sum + log, 0) / Math.max(1, logs.length);
  return logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, logs.length - 1);
}

function searches(record: RunRecord, target: string): readonly CapacityResult[] {
  return record.capacity.filter((one) => one.target === target && one.kind === "capacity");
}

/** "40 /s to 44 /s". */
function rates(own: readonly CapacityResult[]): string {
  const all = own.map((one) => one.rate ?? 0).sort((a, b) => a - b);
  const [low = 0, high = 0] = [all[0], all.at(-1)];
  return low === high ? formatRate(low) : `${formatRate(low)} to ${formatRate(high)}`;
}

/** Why nothing can be told about the capacity of a target, or its recovery, if so. */
export function capacityObstacle(
  record: RunRecord,
  target: string,
  kind: CapacityResult["kind"] = "capacity",
): Obstacle | undefined {
  const all = record.capacity.filter((one) => one.target === target);
  const stage = findStage(record, "capacity", target);
  const obstacle = lostLines(record, "capacity") ?? stageObstacle(stage, "capacity", target, all.length);
  if (obstacle) return obstacle;
  const own = all.filter((one) => one.kind === kind);
  const invalid = (reason: string): Obstacle => ({ kind: "invalid", reason });
  if (own.length === 0) return { kind: "absent", reason: `No ${kind} of ${target} was measured.` };
  if (all.length < (stage?.planned ?? 0))
    return invalid(`${stage?.planned} replicates of ${target} were planned, but ${all.length} recorded.`);
  if (!isComplete(own.map((one) => one.replicate)))
    return invalid(`Replicates of ${target} are missing or repeated.`);
  const untrusted = own.find((one) => one.ended === "untrusted");
  if (untrusted)
    return invalid(`The load generator could not vouch for replicate ${untrusted.replicate} of ${target}.`);
  return undefined;
}
