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
