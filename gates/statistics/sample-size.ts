import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { binomialCdf, CONFIDENCE } from "./binomial.ts";

/** The probability with which a planned run of a good service reaches GO. */
export const POWER = 0.8;

/**
 * The smallest n at which x occurrences still prove a rate of at most `limit`: the Clopper-Pearson upper
 * bound is at most `limit` exactly when P(X ≤ x | n, limit) ≤ 1 − confidence.
 */
export function smallestSample(limit: number, x: number, confidence = CONFIDENCE): number {
  const proves = (n: number): boolean => binomialCdf(x, n, limit) <= 1 - confidence;
  let high = Math.max(x + 1, Math.ceil(3 / limit));
  while (!proves(high)) high *= 2;
  let low = x;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (proves(middle)) high = middle;
    else low = middle;
  }
  return high;
}

export interface Plan {
  readonly n: number;
  /** Up to so many occurrences still prove the limit. */
  readonly allowed: number;
  readonly power: number;
}

/**
 * The size of a run that proves `limit` with probability `power` when the true rate is `trueRate`.
 * The minimum size would not do: a service four times better than its limit passes it only every other time.
 * Undefined when the true rate is so near the limit that more than `most` occurrences would have to be allowed.
 */
export function plannedSample(limit: number, trueRate: number, power = POWER, most = 500): Plan | undefined {
  if (trueRate >= limit) return undefined;
  for (let allowed = 0; allowed <= most; allowed++) {
    const n = smallestSample(limit, allowed);
    const reached = binomialCdf(allowed, n, trueRate);
    if (reached >= power) return { n, allowed, power: reached };
  }
  return undefined;
}

/**
 * Samples for each of two targets so that equal ones are shown to differ by at most `margin` in their quantile q,
 * with probability `power`. It takes the spread of latencies, as the standard deviation `sigma` of their
 * logarithms were they lognormal; MOVER needs a fifth more than the asymptotic formula.
 */
export function plannedQuantileRatio(q: number, margin: number, sigma: number, power = POWER): number {
  const z = normalQuantile(q, 0, 1);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const distance = normalQuantile(CONFIDENCE, 0, 1) + normalQuantile(power, 0, 1);
  const asymptotic = (2 * sigma ** 2 * q * (1 - q) * distance ** 2) / density ** 2 / Math.log1p(margin) ** 2;
  return Math.ceil(1.2 * asymptotic);
}

/**
 * Replicates of each of two targets so that equal capacities are shown to be in a ratio of at least `limit`, with
 * probability `power`, when runs vary by `variation` (standard deviation over mean).
 */
export function plannedReplicates(limit: number, variation: number, power = POWER, most = 200): number {
  for (let n = 2; n < most; n++) {
    const error = variation * Math.sqrt(2 / n);
    const distance = tQuantile(CONFIDENCE, 2 * n - 2) + tQuantile(power, 2 * n - 2);
    if (distance * error <= -Math.log(limit)) return n;
  }
  return most;
}
