/**
 * Counts of durations in buckets, where there are too many to keep each: log-linear, as HdrHistogram with three
 * significant digits. Whole microseconds below 2,048 have a bucket each; above, an octave has 1,024, so that a bucket
 * is never wider than a thousandth of what is in it. Adding the counts of two histograms loses nothing.
 */
export type Buckets = ReadonlyMap<number, number>;

/** No duration is known better than to this part of itself. */
export const BUCKET_ERROR = 1 / 1024;

const LINEAR = 2048;
const OCTAVE = 1024;
/** What takes longer (71 minutes) is only known to take that long. */
const MOST_US = 2 ** 32;
const LAST = 23 * OCTAVE;

/** The bucket of a duration. */
export function bucketOf(ms: number): number {
  const us = Math.max(0, Math.round(ms * 1000));
  if (us < LINEAR) return us;
  if (us >= MOST_US) return LAST;
  const octave = 21 - Math.clz32(us);
  return octave * OCTAVE + Math.floor(us / 2 ** octave);
}

/** The shortest and the longest duration that a bucket holds, in ms. */
export function edgesOf(bucket: number): { readonly low: number; readonly high: number } {
  if (bucket < LINEAR) return { low: bucket / 1000, high: bucket / 1000 };
  if (bucket >= LAST) return { low: MOST_US / 1000, high: Number.POSITIVE_INFINITY };
  const octave = Math.floor(bucket / OCTAVE) - 1;
  const first = (bucket - octave * OCTAVE) * 2 ** octave;
  return { low: first / 1000, high: (first + 2 ** octave - 1) / 1000 };
}

/** Counts durations. */
export class Counter {
  readonly buckets = new Map<number, number>();

  add(ms: number): void {
    const bucket = bucketOf(ms);
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1);
  }
}

/** Durations in ascending order, of each of which its bucket is known. Ranks count from 1. */
export class Binned {
  readonly length: number;
  readonly #buckets: readonly number[];
  /** How many durations lie in this bucket or in one before it. */
  readonly #until: readonly number[];

  /** @param infinite so many more that never ended */
  constructor(parts: Iterable<Buckets>, infinite = 0) {
    const merged = new Map<number, number>();
    for (const part of parts)
      for (const [bucket, count] of part) merged.set(bucket, (merged.get(bucket) ?? 0) + count);
    const sorted = [...merged].sort(([a], [b]) => a - b);
    let sum = 0;
    this.#until = sorted.map(([, count]) => {
      sum += count;
      return sum;
    });
    this.#buckets = sorted.map(([bucket]) => bucket);
    this.length = sum + infinite;
  }

  /** What the duration of this rank lies between; undefined when there is no such rank. */
  at(rank: number): { readonly low: number; readonly high: number } | undefined {
    if (rank < 1 || rank > this.length) return undefined;
    let [low, high] = [0, this.#until.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#until[middle] ?? 0) >= rank) high = middle;
      else low = middle + 1;
    }
    const bucket = this.#buckets[low];
    return bucket === undefined ? never : edgesOf(bucket);
  }

  /** How many durations are longer than `ms`: at least, and at most. */
  above(ms: number): { readonly least: number; readonly most: number } {
    const upTo = (holds: (bucket: number) => boolean): number =>
      this.#until[this.#buckets.findLastIndex(holds)] ?? 0;
    return {
      least: this.length - upTo((bucket) => edgesOf(bucket).low <= ms),
      most: this.length - upTo((bucket) => edgesOf(bucket).high <= ms),
    };
  }
}

const never = { low: Number.POSITIVE_INFINITY, high: Number.POSITIVE_INFINITY };
