import { binomialCdf, CONFIDENCE } from "./binomial.ts";
import { Binned } from "./histogram.ts";

declare const sorted: unique symbol;
/** Durations in ascending order. */
export type SortedMs = readonly number[] & { readonly [sorted]: true };

export function sortMs(values: Iterable<number>): SortedMs {
  return Float64Array.from(values).sort() as unknown as SortedMs;
}

/** Durations in ascending order, known exactly or by their buckets. */
export type Ranked = SortedMs | Binned;

/** What a duration lies between; the same twice where it is known. */
export interface Between {
  readonly low: number;
  readonly high: number;
}

function at(samples: Ranked, rank: number): Between | undefined {
  if (samples instanceof Binned) return samples.at(rank);
  const value = samples[rank - 1];
  return value === undefined ? undefined : { low: value, high: value };
}

/** The nearest-rank quantile; null of no samples. Of buckets it is the longest duration that it can be. */
export function quantile(samples: Ranked, q: number): number | null {
  return quantileBetween(samples, q)?.high ?? null;
}

/** What the nearest-rank quantile lies between; undefined of no samples. */
export function quantileBetween(samples: Ranked, q: number): Between | undefined {
  return at(samples, Math.max(1, Math.ceil(q * samples.length)));
}

/** How many durations are longer than `ms`: at least, and at most. */
export function countAbove(samples: Ranked, ms: number): { readonly least: number; readonly most: number } {
  if (samples instanceof Binned) return samples.above(ms);
  const firstAbove = samples.findIndex((value) => value > ms);
  const count = firstAbove < 0 ? 0 : samples.length - firstAbove;
  return { least: count, most: count };
}

/**
 * Bounds on a quantile by order statistics, each one-sided at `confidence`, true for any distribution.
 * Null: there are too few samples for that bound (an upper bound on the P99 at 95 % needs 299). Of buckets each bound
 * is the edge that is further out.
 */
export function quantileBounds(
  samples: Ranked,
  q: number,
  confidence = CONFIDENCE,
): { readonly lower: number | null; readonly upper: number | null } {
  const n = samples.length;
  // P(the quantile lies below the k-th smallest) = P(Bin(n, q) ≤ k − 1), which rises with k.
  const upperRank = firstRank(n, (k) => binomialCdf(k - 1, n, q) >= confidence);
  const lowerRank = firstRank(n, (k) => binomialCdf(k - 1, n, q) > 1 - confidence) - 1;
  return { lower: at(samples, lowerRank)?.low ?? null, upper: at(samples, upperRank)?.high ?? null };
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
