import { binomialCdf, CONFIDENCE } from "./binomial.ts";

declare const sorted: unique symbol;
/** Durations in ascending order. */
export type SortedMs = readonly number[] & { readonly [sorted]: true };

export function sortMs(values: Iterable<number>): SortedMs {
  return Float64Array.from(values).sort() as unknown as SortedMs;
}

/** The nearest-rank quantile; null of no samples. */
export function quantile(samples: SortedMs, q: number): number | null {
  return samples[Math.max(1, Math.ceil(q * samples.length)) - 1] ?? null;
}

/**
 * Bounds on a quantile by order statistics, each one-sided at `confidence`, true for any distribution.
 * Null: there are too few samples for that bound (an upper bound on the P99 at 95 % needs 299).
 */
export function quantileBounds(
  samples: SortedMs,
  q: number,
  confidence = CONFIDENCE,
): { readonly lower: number | null; readonly upper: number | null } {
  const n = samples.length;
  // P(the quantile lies below the k-th smallest) = P(Bin(n, q) ≤ k − 1), which rises with k.
  const upperRank = firstRank(n, (k) => binomialCdf(k - 1, n, q) >= confidence);
  const lowerRank = firstRank(n, (k) => binomialCdf(k - 1, n, q) > 1 - confidence) - 1;
  return { lower: samples[lowerRank - 1] ?? null, upper: samples[upperRank - 1] ?? null };
}

/** The first rank from 1 to n that `holds`, by bisection; n + 1 when none does. */
function firstRank(n: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = n + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
