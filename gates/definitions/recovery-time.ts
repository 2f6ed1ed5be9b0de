import { formatMs, plural } from "../format.ts";
import { quantile, quantileBounds, sortMs } from "../statistics/quantiles.ts";
import { capacityObstacle } from "./capacity.ts";
import { CONFIDENCE, judgeExceedance, settlingRun } from "./exceedance.ts";
import { type GateKind, judgedTarget, oneTarget, outcomeOf } from "./kind.ts";

/** The typical burst: more than half of them. A higher quantile would take dozens of bursts. */
const MEDIAN = 0.5;

/**
 * After a burst the target is back within its objective within the limit: proven of the median burst, which takes
 * five bursts that all do. A burst that the target never came back from counts as slower than any other.
 */
export const recoveryTime: GateKind = {
  name: "recoveryTime",
  targets: oneTarget,
  judge(record, spec) {
    const target = judgedTarget(record, spec)?.name;
    const limit = spec.limit ?? 0;
    const base = { ...outcomeOf(spec, target), unit: "ms", limit } as const;
    if (target === undefined)
      return { ...base, kind: "absent", reason: "Its target was not part of this run." };
    const obstacle = capacityObstacle(record, target, "recovery");
    if (obstacle) return { ...base, ...obstacle };
    const bursts = record.capacity.filter((one) => one.target === target && one.kind === "recovery");
    const times = sortMs(bursts.map(({ recoveryMs }) => recoveryMs ?? Number.POSITIVE_INFINITY));
    const n = times.length;
    const x = times.filter((ms) => ms > limit).length;
    const { kind, pValue } = judgeExceedance(x, n, MEDIAN);
    const { lower, upper } = quantileBounds(times, MEDIAN);
    const seen = `${x} of ${plural(n, "burst")} took longer than ${formatMs(limit)}`;
    const may = upper === null ? "cannot be bounded by so few bursts" : `may be ${text(upper, "up")}`;
    const reason = {
      pass: `After a burst it recovers within ${text(upper ?? limit, "up")}: ${seen}.`,
      fail: `After a burst it takes at least ${text(lower ?? limit, "down")} to recover, over the limit of ${formatMs(limit)}: ${seen}.`,
      inconclusive: `The time to recover from a burst ${may}, the limit is ${formatMs(limit)}: ${seen}.`,
    }[kind];
    const command = (size: number): string =>
      `npm run capacity -- --profile ${record.file.profile.name} --replicates ${size}`;
    return {
      ...base,
      estimate: finite(quantile(times, MEDIAN)),
      lower: finite(lower),
      upper: finite(upper),
      confidence: CONFIDENCE,
      n,
      x,
      pValue,
      kind,
      reason,
      ...(kind !== "pass" && {
        needs: settlingRun(x, n, MEDIAN, "bursts take longer", command),
      }),
    };
  },
};

function text(ms: number, rounding: "up" | "down"): string {
  return Number.isFinite(ms) ? formatMs(ms, rounding) : "never";
}

function finite(ms: number | null): number | null {
  return ms !== null && Number.isFinite(ms) ? ms : null;
}
