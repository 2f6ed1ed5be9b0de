import type { GateOutcome, GateSpec, RunRecord } from "../evidence/index.ts";
import { formatCount, formatMs, formatRatio, formatShare, plural } from "../format.ts";
import { type Ending, sampleOf } from "../load-sample.ts";
import { Binned, BUCKET_ERROR } from "../statistics/histogram.ts";
import { quantileRatio, quantileRatioPValue } from "../statistics/mover.ts";
import { countAbove, quantile, quantileBounds, type Ranked } from "../statistics/quantiles.ts";
import { plannedQuantileRatio } from "../statistics/sample-size.ts";
import { CONFIDENCE, judgeExceedance, settlingRun } from "./exceedance.ts";
import { type GateKind, judgedTarget } from "./kind.ts";
import { isAnytime, type Judged, judgedRequests, judgeLoad, requestsCommand } from "./requests.ts";

type Found = Omit<GateOutcome, "gate" | "target" | "required">;

/** A quantile of latency, from when a request was due to its last byte. */
export const latencyP95: GateKind = latencyGate("latency.p95", 0.95);
export const latencyP99: GateKind = latencyGate("latency.p99", 0.99);

/**
 * Absolute: the share q of requests is answered rightly within the limit. With a margin: the candidate's quantile is
 * at most so much above the baseline's (non-inferiority, MOVER). A failed request was never answered, so it counts as
 * slower than any other on the judged side; on the baseline's side it is left out. The warm-up does not count.
 */
function latencyGate(name: "latency.p95" | "latency.p99", q: number): GateKind {
  return {
    name,
    targets(record, spec) {
      const target = judgedTarget(record, spec);
      const baseline = spec.margin === undefined ? undefined : baselineOf(record);
      return [target, baseline].filter((one) => one !== undefined);
    },
    judge(record, spec) {
      const fixed =
        spec.margin === undefined
          ? ({ unit: "ms", limit: spec.limit ?? 0 } as const)
          : ({ unit: "ratio", limit: 1 + spec.margin } as const);
      return judgeLoad(record, spec, { warmUp: false, fixed }, (judged) =>
        spec.margin === undefined
          ? absolute(record, spec, judged, q)
          : relative(record, spec, judged, q, 1 + spec.margin),
      );
    },
  };
}

function absolute(record: RunRecord, spec: GateSpec, { requests, stage }: Judged, q: number): Found {
  const limit = spec.limit ?? 0;
  const waits = requests.waits(failed);
  const n = waits.length;
  // Of a bucket across the limit nobody knows which side its requests are on: whatever is proven has to hold for both.
  const { least, most } = countAbove(waits, limit);
  const anytime = isAnytime(spec, stage);
  const { kind: atLeast, pValue } = judgeExceedance(least, n, 1 - q, anytime);
  const passes = judgeExceedance(most, n, 1 - q, anytime).kind === "pass";
  const kind = passes ? "pass" : atLeast === "fail" ? "fail" : "inconclusive";
  const x = kind === "fail" ? least : most;
  const bounds = anytime ? { lower: null, upper: null } : quantileBounds(waits, q);
  const title = nameOf(q);
  const seen = `${formatCount(x)} of ${plural(n, "request")} took longer than ${formatMs(limit)} or failed${byBuckets(waits)}`;
  const reason = {
    pass: `${title} is at most ${bound(bounds.upper ?? limit, "up")}: ${seen}.`,
    fail: `${title} is at least ${bound(bounds.lower ?? limit, "down")}, over the limit of ${formatMs(limit)}: ${seen}.`,
    inconclusive: `${title} ${bounds.upper === null ? "cannot be bounded yet" : `may be up to ${bound(bounds.upper, "up")}`}, the limit is ${formatMs(limit)}: ${seen}.`,
  }[kind];
  return {
    estimate: finite(quantile(waits, q)),
    lower: finite(bounds.lower),
    upper: finite(bounds.upper),
    confidence: CONFIDENCE,
    n,
    x,
    pValue,
    kind,
    reason,
    ...(kind !== "pass" && {
      needs: settlingRun(x, n, 1 - q, "requests take longer", requestsCommand(record), anytime),
    }),
  };
}

function relative(
  record: RunRecord,
  spec: GateSpec,
  { requests, stage }: Judged,
  q: number,
  limit: number,
): Found {
  const baseline = baselineOf(record)?.name;
  if (baseline === undefined) return { kind: "absent", reason: "No baseline was part of this run." };
  const other = judgedRequests(record, spec, baseline, { warmUp: false });
  if ("kind" in other) return { ...other };
  const early = stage?.endedEarly ?? other.stage?.endedEarly;
  if (early !== undefined)
    return { kind: "inconclusive", reason: `The load was ended before its planned size: ${early}` };
  const waits = requests.waits(failed);
  const base = other.requests.only((request) => !failed(request)).waits();
  const { estimate, lower, upper } = quantileRatio(waits, base, q);
  const pValue = quantileRatioPValue(waits, base, q, limit);
  const kind =
    upper !== null && upper <= limit ? "pass" : lower !== null && lower > limit ? "fail" : "inconclusive";
  const title = `${nameOf(q)} against ${baseline}`;
  const seen = `${quantileText(waits, q)} in ${plural(waits.length, "request")} against ${quantileText(base, q)} in ${formatCount(base.length)}${byBuckets(waits, base)}`;
  const may = finite(upper) === null ? "cannot be bounded" : `may be up to ${formatRatio(upper ?? 0, "up")}`;
  const reason = {
    pass: `${title} is at most ${formatRatio(upper ?? limit, "up")}: ${seen}.`,
    fail: `${title} is at least ${formatRatio(lower ?? limit, "down")}, over the limit of ${formatRatio(limit)}: ${seen}.`,
    inconclusive: `${title} ${may}, the limit is ${formatRatio(limit)}: ${seen}.`,
  }[kind];
  return {
    estimate: finite(estimate),
    lower: finite(lower),
    upper: finite(upper),
    confidence: CONFIDENCE,
    n: Math.min(waits.length, base.length),
    pValue,
    kind,
    reason,
    ...(kind !== "pass" && { needs: freshRun(record, q, limit - 1, waits, base) }),
  };
}

/** The fresh run that shows equal targets to be equal enough in 8 of 10 cases, for the spread that was seen. */
function freshRun(
  record: RunRecord,
  q: number,
  margin: number,
  waits: Ranked,
  base: Ranked,
): NonNullable<GateOutcome["needs"]> {
  const sigma = Math.max(spread(waits), spread(base), 0.1);
  const size = plannedQuantileRatio(q, margin, sigma);
  // The gate's phases and operations are a part of the run; the whole grows with them.
  const all = sampleOf(record, baselineOf(record)?.name ?? "").n;
  const whole = Math.ceil((size * Math.max(1, all)) / Math.max(1, Math.min(waits.length, base.length)));
  return {
    n: whole,
    command: requestsCommand(record)(whole),
    because: `with the spread that was seen, two targets of equal latency are shown to differ by less than ${formatShare(margin)} in 8 of 10 such runs`,
  };
}

/** The standard deviation of the logarithm, were it lognormal, by the distance from the median to the P95. */
function spread(waits: Ranked): number {
  const [middle, high] = [quantile(waits, 0.5), quantile(waits, 0.95)];
  return middle === null || high === null || !Number.isFinite(high) || middle <= 0
    ? 1
    : Math.log(high / middle) / 1.645;
}

/** Nobody waits long enough for the right answer to a request that failed. */
function failed({ outcome }: Ending): boolean {
  return outcome !== "ok";
}

/** What bounds from histograms allow for, in words. */
function byBuckets(...samples: readonly Ranked[]): string {
  if (!samples.some((one) => one instanceof Binned)) return "";
  return ` (from histograms; the bound allows for their error of ${formatShare(BUCKET_ERROR, "up")})`;
}

function baselineOf(record: RunRecord) {
  return record.file.targets.find((target) => target.role === "baseline");
}

function nameOf(q: number): string {
  return `Latency P${Math.round(q * 100)}`;
}

function quantileText(waits: Ranked, q: number): string {
  const value = finite(quantile(waits, q));
  return value === null ? "never" : formatMs(value);
}

function bound(value: number, rounding: "up" | "down"): string {
  return Number.isFinite(value) ? formatMs(value, rounding) : "no limit at all";
}

/** Evidence holds finite numbers only: a quantile among failed requests has none. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
