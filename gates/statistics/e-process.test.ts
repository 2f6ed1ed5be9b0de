import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exponentialOf, randomFrom } from "../fixture-random.ts";
import {
  evidenceAbove,
  evidenceBelow,
  sequentialBounds,
  sequentially,
  smallestSequential,
} from "./e-process.ts";

const seed = 20_260_101;

describe("published", () => {
  test.each([
    [0.01, [358, 630, 853]],
    [0.001, [3_591, 6_322, 8_551]],
    [0.00002, [179_630, 316_221, 427_689]],
  ])("sizes that prove a limit of %d at 0, 1 and 2 occurrences", (limit, sizes) => {
    expect([0, 1, 2].map((x) => smallestSequential(limit, x))).toEqual(sizes);
  });

  test.each([
    [3, 9_296],
    [4, 18_423],
    [6, 50_439],
  ])("%d errors within %d requests prove a rate above 0.00002, one request later they do not", (x, n) => {
    expect(sequentially(x, n, 0.00002)).toBe("fail");
    expect(sequentially(x, n + 1, 0.00002)).toBe("open");
  });
});

test("worked by hand: one alternative leaves a likelihood ratio", () => {
  // With a limit of 0.4 the alternatives 2 and 5 times as high leave 0.8 alone: (0.8/0.4)³ · (0.2/0.6)¹.
  expect(evidenceAbove(3, 4, 0.4)).toBeCloseTo(8 / 3, 12);
  expect(evidenceAbove(3, 4, 0.6)).toBe(1);
  expect(evidenceBelow(0, 0, 0.01)).toBe(1);
});

/**
 * Looks after every request at a service of rate `p` until it is decided or `most` requests were made. Errors are
 * drawn by the gap to the next one; between errors the evidence moves one way, so its ends are all there is to see.
 */
function outcome(p: number, limit: number, most: number, random: () => number): string {
  let [n, x] = [0, 0];
  for (;;) {
    const gap = Math.ceil(exponentialOf(random) / -Math.log1p(-p));
    if (evidenceBelow(x, Math.min(most, n + gap - 1), limit) >= 20) return "pass";
    n += gap;
    if (n > most) return "open";
    x += 1;
    if (sequentially(x, n, limit) === "fail") return "fail";
  }
}

describe("simulated, looked at after every request", () => {
  const runs = 3000;
  const random = randomFrom(seed);
  const shareOf = (p: number, kind: string): number => {
    let count = 0;
    for (let run = 0; run < runs; run++) if (outcome(p, 0.01, 5000, random) === kind) count++;
    return count / runs;
  };

  test("a service exactly at its limit is GO in at most 5 %, and NO-GO in at most 1 %", () => {
    expect(shareOf(0.01, "pass")).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs));
    expect(shareOf(0.01, "fail")).toBeLessThanOrEqual(0.01 + 3 * Math.sqrt((0.01 * 0.99) / runs));
  });

  test("a service four times better gets its GO, one five times worse its NO-GO", () => {
    expect(shareOf(0.0025, "pass")).toBeGreaterThan(0.95);
    expect(shareOf(0.05, "fail")).toBeGreaterThan(0.99);
  });
});

test("bounds are where the process would just stop, and hold the estimate", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 50, max: 100_000 }), (x, n) => {
      const { lower, upper } = sequentialBounds(x, n);
      expect(lower).toBeLessThanOrEqual(x / n);
      expect(upper).toBeGreaterThanOrEqual(x / n);
      if (upper < 0.9 && upper > x / n) expect(evidenceBelow(x, n, upper)).toBeCloseTo(20, 4);
      if (lower > 0 && lower < x / n && lower * 20 < 1)
        expect(evidenceAbove(x, n, lower)).toBeCloseTo(100, 3);
    }),
    { seed, numRuns: 60 },
  );
});
