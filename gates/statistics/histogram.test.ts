import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Binned, BUCKET_ERROR, bucketOf, Counter, edgesOf } from "./histogram.ts";
import { quantileRatio } from "./mover.ts";
import { countAbove, quantile, quantileBounds, sortMs } from "./quantiles.ts";

const seed = 20_261_125;
/** Microseconds, over the whole range that matters, as milliseconds. */
const anyMs = fc
  .oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 2 ** 31 }))
  .map((us) => us / 1000);
const some = fc.array(anyMs, { minLength: 1, maxLength: 400 });

function binned(...parts: readonly (readonly number[])[]): Binned {
  return new Binned(
    parts.map((part) => {
      const counter = new Counter();
      for (const ms of part) counter.add(ms);
      return counter.buckets;
    }),
  );
}

describe("buckets", () => {
  test("hold what is put into them, each no wider than a thousandth of what is in it", () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        const { low, high } = edgesOf(bucketOf(ms));
        expect(low).toBeLessThanOrEqual(ms);
        expect(high).toBeGreaterThanOrEqual(ms);
        expect(high - low).toBeLessThanOrEqual(low * BUCKET_ERROR);
      }),
      { seed },
    );
  });

  test("follow each other without a gap, up to what is too long to be told", () => {
    for (let bucket = 0; bucket < bucketOf(2 ** 32); bucket++)
      expect(Math.round((edgesOf(bucket + 1).low - edgesOf(bucket).high) * 1000)).toBe(1);
    expect(edgesOf(bucketOf(1e9))).toEqual({ low: 2 ** 32 / 1000, high: Number.POSITIVE_INFINITY });
  });

  test("of several workers add up to those of one, exactly", () => {
    fc.assert(
      fc.property(some, fc.array(fc.nat(4), { minLength: 400, maxLength: 400 }), (all, who) => {
        const workers = [0, 1, 2, 3, 4].map((worker) => all.filter((_, i) => who[i] === worker));
        const [whole, merged] = [binned(all), binned(...workers)];
        expect(merged.length).toBe(whole.length);
        for (let rank = 1; rank <= all.length; rank++) expect(merged.at(rank)).toEqual(whole.at(rank));
      }),
      { seed, numRuns: 30 },
    );
  });
});

describe("what is told from buckets encloses what the durations themselves tell", () => {
  test("every rank, and how many are over a limit", () => {
    fc.assert(
      fc.property(some, anyMs, (all, limit) => {
        const [exact, inBuckets] = [sortMs(all), binned(all)];
        for (const [index, ms] of exact.entries()) {
          const { low = Number.NaN, high = Number.NaN } = inBuckets.at(index + 1) ?? {};
          expect(low <= ms && ms <= high).toBe(true);
        }
        const { least, most } = countAbove(inBuckets, limit);
        const over = all.filter((ms) => ms > limit).length;
        expect(least <= over && over <= most).toBe(true);
        // Only the bucket across the limit is in doubt.
        const { low, high } = edgesOf(bucketOf(limit));
        expect(most - least).toBeLessThanOrEqual(all.filter((ms) => low <= ms && ms <= high).length);
      }),
      { seed },
    );
  });

  test("bounds of quantiles and of their ratio are as far out or further, by no more than the buckets' error", () => {
    const long = fc.array(anyMs, { minLength: 60, maxLength: 400 });
    fc.assert(
      fc.property(long, long, fc.constantFrom(0.5, 0.9), (a, b, q) => {
        const [exact, inBuckets] = [quantileBounds(sortMs(a), q), quantileBounds(binned(a), q)];
        const ratio = quantileRatio(sortMs(a), sortMs(b), q);
        const ratioInBuckets = quantileRatio(binned(a), binned(b), q);
        for (const [one, other, error] of [
          [exact, inBuckets, 1 + BUCKET_ERROR],
          [ratio, ratioInBuckets, (1 + BUCKET_ERROR) ** 4],
        ] as const) {
          expect(other.upper === null).toBe(one.upper === null);
          expect(other.lower === null).toBe(one.lower === null);
          const slack = 1 + 1e-9;
          if (one.upper !== null && other.upper !== null) {
            expect(other.upper * slack).toBeGreaterThanOrEqual(one.upper);
            expect(other.upper).toBeLessThanOrEqual(one.upper * error * slack);
          }
          if (one.lower !== null && other.lower !== null) {
            expect(other.lower).toBeLessThanOrEqual(one.lower * slack);
            expect(other.lower * error * slack).toBeGreaterThanOrEqual(one.lower);
          }
        }
      }),
      { seed },
    );
  });

  test("what never ended is longer than anything", () => {
    const samples = new Binned([new Map([[bucketOf(5), 98]])], 2);
    // 5,000 to 5,003 µs.
    expect(quantile(samples, 0.98)).toBe(5.003);
    expect(quantile(samples, 0.99)).toBe(Number.POSITIVE_INFINITY);
    expect(countAbove(samples, 1e12)).toEqual({ least: 2, most: 2 });
  });
});
