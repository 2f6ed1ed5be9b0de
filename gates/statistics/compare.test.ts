import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exponentialOf, normalOf, randomFrom } from "../fixture-random.ts";
import { quantileRatio, quantileRatioPValue } from "./mover.ts";
import { sortMs } from "./quantiles.ts";
import { plannedQuantileRatio, plannedReplicates } from "./sample-size.ts";
import { belowPValue, meanBounds, welchBounds } from "./welch.ts";

const seed = 20_260_101;

describe("Welch", () => {
  // Worked by hand: differences 20.6 - 22.1 of Welch's form with s² = 0.0002 and 0.0008; t from printed tables.
  const a = [4.6, 4.62, 4.64];
  const b = [4.6, 4.65, 4.7, 4.65];

  test("worked by hand with the t table", () => {
    const { estimate, lower, upper } = welchBounds(a, b);
    const error = Math.sqrt(0.0004 / 3 + 0.005 / 3 / 4);
    expect(estimate).toBeCloseTo(-0.03, 12);
    // Degrees of freedom (0.0004/3 + 0.00041667)² / ((0.0004/3)²/2 + 0.00041667²/3) = 4.531.
    const half = (upper ?? 0) - estimate;
    expect(half / error).toBeGreaterThan(2.015); // t(0.95; 5) of the printed table
    expect(half / error).toBeLessThan(2.132); // t(0.95; 4)
    expect(estimate - (lower ?? 0)).toBeCloseTo(half, 12);
  });

  test("one arm: Student's own table, t(0.95; 9) = 1.833 and t(0.95; 1) = 6.314", () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const { lower } = meanBounds(ten);
    expect((5.5 - (lower ?? 0)) / Math.sqrt(9.1666667 / 10)).toBeCloseTo(1.833, 3);
    const two = meanBounds([1, 3]);
    expect((2 - (two.lower ?? 0)) / 1).toBeCloseTo(6.314, 3);
  });

  test("one replicate bounds nothing", () => {
    expect(welchBounds([1], [1, 2])).toEqual({ estimate: -0.5, lower: null, upper: null });
    expect(belowPValue([[1], [1, 2]], 0)).toBe(1);
  });

  test("equal replicates are believed no better than the floor", () => {
    expect(welchBounds([3, 3, 3], [3, 3, 3]).lower).toBe(0);
    expect(welchBounds([3, 3, 3], [3, 3, 3], { floor: 0.01 }).lower).toBeLessThan(-0.1);
  });

  test("the p-value is 5 % exactly where the bound meets the limit", () => {
    const arm = fc.array(fc.double({ min: 3, max: 5, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(arm, arm, (x, y) => {
        const { upper } = welchBounds(x, y, { floor: 1e-4 });
        expect(belowPValue([x, y], upper ?? 0, 1e-4)).toBeCloseTo(0.05, 6);
      }),
      { seed, numRuns: 50 },
    );
  });
});

/** The share of `runs` in which `holds`. */
function share(runs: number, holds: () => boolean): number {
  let count = 0;
  for (let run = 0; run < runs; run++) if (holds()) count++;
  return count / runs;
}
/** The seed is fixed; three standard deviations say that it is no lucky one. */
const noise = (p: number, runs: number): number => 3 * Math.sqrt((p * (1 - p)) / runs);

describe("simulated, capacity ratio", () => {
  const random = randomFrom(seed);
  const normal = normalOf(random);
  const replicates = (mean: number, cv: number, n: number): number[] =>
    Array.from({ length: n }, () => Math.log(mean) + cv * normal());
  const passes = (ratio: number, cv: number, n: number): boolean =>
    (welchBounds(replicates(100 * ratio, cv, n), replicates(100, cv, n)).lower ?? -1) >= Math.log(0.9);

  test.each([
    [0.03, 3],
    [0.05, 5],
    [0.1, 20],
  ])("a true ratio of 0.90 is GO in at most 5 of 100 runs (variation %d, %d runs each)", (cv, n) => {
    expect(share(2000, () => passes(0.9, cv, n))).toBeLessThanOrEqual(0.05 + noise(0.05, 2000));
  });

  test.each([
    [0.03, 3, 0.94],
    [0.05, 5, 0.91],
    [0.1, 20, 0.95],
  ])("published power at a true ratio of 1 (variation %d, %d runs each: %d)", (cv, n, power) => {
    expect(share(2000, () => passes(1, cv, n))).toBeCloseTo(power, 1);
  });

  test("the plan keeps its promise of 80 %", () => {
    for (const cv of [0.03, 0.06, 0.1]) {
      const n = plannedReplicates(0.9, cv);
      expect(share(2000, () => passes(1, cv, n))).toBeGreaterThanOrEqual(0.8 - noise(0.8, 2000));
    }
  });
});

describe("simulated, latency against the baseline", () => {
  const random = randomFrom(seed + 1);
  const normal = normalOf(random);
  const lognormal = (n: number, scale: number, sigma: number) =>
    sortMs(Array.from({ length: n }, () => scale * Math.exp(sigma * normal())));
  /** Most requests are warm, 3 of 100 meet a cold start. */
  const mixture = (n: number, scale: number) =>
    sortMs(
      Array.from({ length: n }, () =>
        random() < 0.03 ? scale * (200 + 60 * normal()) : scale * (20 + exponentialOf(random) * 5),
      ),
    );

  test.each([
    ["lognormal", lognormal],
    ["cold and warm", mixture],
  ] as const)("%s: a true P95 ratio of 1.10 is GO in at most 5 of 100 runs, and so is NO-GO", (_, sample) => {
    let go = 0;
    let noGo = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const { lower, upper } = quantileRatio(sample(1824, 1.1, 0.5), sample(1824, 1, 0.5), 0.95);
      if (upper !== null && upper <= 1.1) go++;
      if (lower !== null && lower > 1.1) noGo++;
    }
    expect(go / runs).toBeLessThanOrEqual(0.05 + noise(0.05, runs));
    expect(noGo / runs).toBeLessThanOrEqual(0.05 + noise(0.05, runs));
  });

  test("the plan keeps its promise of 80 %", () => {
    const n = plannedQuantileRatio(0.95, 0.1, 0.5);
    const go = share(300, () => {
      const { upper } = quantileRatio(lognormal(n, 1, 0.5), lognormal(n, 1, 0.5), 0.95);
      return upper !== null && upper <= 1.1;
    });
    expect(go).toBeGreaterThanOrEqual(0.8 - noise(0.8, 300));
  });
});

describe("quantile ratio", () => {
  test("published sizes before the fifth that MOVER adds", () => {
    const size = (q: number, sigma: number): number => plannedQuantileRatio(q, 0.1, sigma) / 1.2;
    expect(size(0.95, 0.5)).toBeCloseTo(1520, -1.5);
    expect(size(0.99, 0.5)).toBeCloseTo(4743, -1.5);
    expect(size(0.95, 1)).toBeCloseTo(6079, -1.5);
    expect(size(0.99, 1)).toBeCloseTo(18_972, -2);
  });

  test("a sample too small to bound its quantile bounds no ratio; failures are slower than anything", () => {
    const few = sortMs(Array.from({ length: 298 }, (_, i) => i + 1));
    const many = sortMs(Array.from({ length: 400 }, (_, i) => i + 1));
    expect(quantileRatio(few, many, 0.99).upper).toBeNull();
    expect(quantileRatio(sortMs([]), many, 0.99).estimate).toBeNull();
    const failing = sortMs([...many.slice(0, 380), ...Array<number>(20).fill(Number.POSITIVE_INFINITY)]);
    expect(quantileRatio(failing, many, 0.99).upper).toBe(Number.POSITIVE_INFINITY);
  });

  test("swapped samples give the reciprocal, and the p-value is 5 % where the bound meets the limit", () => {
    const latencies = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 120, maxLength: 200 });
    fc.assert(
      fc.property(latencies, latencies, (x, y) => {
        const [a, b] = [sortMs(x), sortMs(y)];
        const ratio = quantileRatio(a, b, 0.9);
        const swapped = quantileRatio(b, a, 0.9);
        expect((ratio.lower ?? 0) * (swapped.upper ?? 0)).toBeCloseTo(1, 9);
        expect(quantileRatioPValue(a, b, 0.9, (ratio.lower ?? 1) * 0.999)).toBeLessThanOrEqual(0.05);
        expect(quantileRatioPValue(a, b, 0.9, (ratio.lower ?? 1) * 1.001)).toBeGreaterThan(0.05 - 1e-9);
      }),
      { seed, numRuns: 30 },
    );
  });
});
