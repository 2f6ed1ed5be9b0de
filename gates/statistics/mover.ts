import { CONFIDENCE } from "./binomial.ts";
import { quantileBetween, quantileBounds, type Ranked } from "./quantiles.ts";

/** How a quantile of one sample compares with that of another: candidate / baseline. */
export interface QuantileRatio {
  readonly estimate: number | null;
  /** One-sided bounds; null where one of the samples is too small to bound its quantile. */
  readonly lower: number | null;
  readonly upper: number | null;
}

/**
 * Bounds on the ratio of two quantiles by MOVER (Zou and Donner, 2008): the order-statistic bounds of each
 * sample, joined on the scale of logarithms. True for any distribution, as far as samples are independent.
 * Comparing two separate intervals instead would be far too strict, comparing point estimates a coin toss.
 * Of buckets each bound takes the edges that push the ratio its way: it moves the same way with each of them.
 */
export function quantileRatio(
  candidate: Ranked,
  baseline: Ranked,
  q: number,
  confidence = CONFIDENCE,
): QuantileRatio {
  const [qc, qb] = [quantileBetween(candidate, q), quantileBetween(baseline, q)];
  if (qc === undefined || qb === undefined || !(qc.low > 0) || !(qb.low > 0))
    return { estimate: null, lower: null, upper: null };
  const c = quantileBounds(candidate, q, confidence);
  const b = quantileBounds(baseline, q, confidence);
  if (qc.low === Number.POSITIVE_INFINITY) {
    // The quantile lies among requests that were never answered; both lower bounds together are more than strict.
    const lower = c.lower === null || b.upper === null ? null : c.lower / b.upper;
    return { estimate: qc.low, lower, upper: qc.high };
  }
  // Each bound takes from either sample the side that pushes the ratio its way.
  const upper = joined(c.upper, qc.high, qb.low, b.lower);
  const lower = joined(qc.low, c.lower, b.upper, qb.high);
  return {
    estimate: qc.high / qb.high,
    lower: lower === null ? null : Math.exp(Math.log(qc.low / qb.high) - lower),
    upper: upper === null ? null : Math.exp(Math.log(qc.high / qb.low) + upper),
  };
}

/** The root of the squares of two distances on the scale of logarithms. */
function joined(a: number | null, b: number | null, c: number | null, d: number | null): number | null {
  if (a === null || b === null || c === null || d === null || !(b > 0) || !(d > 0)) return null;
  return Math.hypot(Math.log(a / b), Math.log(c / d));
}

/**
 * How probable what was seen would be at most, were the true ratio just `limit`: the smallest level at which the
 * lower bound still exceeds it. 1 when no level does.
 */
export function quantileRatioPValue(candidate: Ranked, baseline: Ranked, q: number, limit: number): number {
  const exceeds = (alpha: number): boolean => {
    const { lower } = quantileRatio(candidate, baseline, q, 1 - alpha);
    return lower !== null && lower > limit;
  };
  if (!exceeds(0.5)) return 1;
  let [below, above] = [0, 0.5];
  for (let step = 0; step < 40; step++) {
    const middle = (below + above) / 2;
    if (exceeds(middle)) above = middle;
    else below = middle;
  }
  return above;
}
