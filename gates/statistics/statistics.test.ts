import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binomialCdf, binomialPmf, binomialUpperTail, clopperPearson } from "./binomial.ts";
import { holm } from "./holm.ts";
import { quantile, quantileBounds, sortMs } from "./quantiles.ts";
import { plannedSample, smallestSample } from "./sample-size.ts";

const seed = 20_260_101;
const counts = fc
  .tuple(fc.nat(3000), fc.nat(3000))
  .map(([a, b]) => ({ x: Math.min(a, b), n: Math.max(a, b, 1) }));
const rate = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

describe("binomial", () => {
  test("worked by hand", () => {
    expect(binomialPmf(2, 4, 0.5)).toBeCloseTo(6 / 16, 14);
    expect(binomialPmf(0, 3, 0.1)).toBeCloseTo(0.729, 14);
    expect(binomialCdf(1, 4, 0.5)).toBeCloseTo(5 / 16, 14);
    expect(binomialUpperTail(3, 4, 0.5)).toBeCloseTo(5 / 16, 14);
  });

  test("probabilities add up to 1, and both tails to each other's rest", () => {
    fc.assert(
      fc.property(counts, rate, ({ x, n }, p) => {
        expect(binomialCdf(x, n, p) + binomialUpperTail(x + 1, n, p)).toBeCloseTo(1, 10);
      }),
      { seed },
    );
    const total = Array.from({ length: 201 }, (_, x) => binomialPmf(x, 200, 0.013)).reduce((a, b) => a + b);
    expect(total).toBeCloseTo(1, 12);
  });
});

describe("Clopper-Pearson", () => {
  test("published: 0 of 10, 3 of 10 and 10 of 10, one-sided at 97.5 %", () => {
    expect(clopperPearson(0, 10, 0.975).upper).toBeCloseTo(0.3085, 4);
    expect(clopperPearson(3, 10, 0.975).lower).toBeCloseTo(0.0667, 4);
    expect(clopperPearson(3, 10, 0.975).upper).toBeCloseTo(0.6525, 4);
    expect(clopperPearson(10, 10, 0.975).lower).toBeCloseTo(0.6915, 4);
    expect(clopperPearson(0, 10).lower).toBe(0);
    expect(clopperPearson(10, 10).upper).toBe(1);
  });

  test("a bound is the rate at which what was seen is just 5 % probable", () => {
    fc.assert(
      fc.property(counts, ({ x, n }) => {
        const { lower, upper } = clopperPearson(x, n);
        expect(lower).toBeLessThanOrEqual(x / n);
        expect(upper).toBeGreaterThanOrEqual(x / n);
        if (x < n) expect(binomialCdf(x, n, upper)).toBeCloseTo(0.05, 8);
        if (x > 0) expect(binomialUpperTail(x, n, lower)).toBeCloseTo(0.05, 8);
      }),
      { seed },
    );
  });
});

describe("sample sizes", () => {
  test.each([
    [0.05, [59, 93, 124, 153, 208, 336]],
    [0.01, [299, 473, 628, 773, 1_049, 1_693]],
    [0.001, [2_995, 4_742, 6_294, 7_752, 10_511, 16_959]],
    [0.00002, [149_786, 237_192, 314_788, 387_681, 525_649, 848_108]],
  ])("published minimum for a limit of %d at 0, 1, 2, 3, 5 and 10 occurrences", (limit, sizes) => {
    expect([0, 1, 2, 3, 5, 10].map((x) => smallestSample(limit, x))).toEqual(sizes);
  });

  test.each([
    [0.01, 4, 773, 3],
    [0.01, 2, 1_941, 12],
    [0.00002, 4, 387_681, 3],
    [0.00002, 2, 972_125, 12],
  ])("published plan for a limit of %d and a service %d times better", (limit, better, n, allowed) => {
    const plan = plannedSample(limit, limit / better);
    expect(plan).toMatchObject({ n, allowed });
    expect(plan?.power).toBeGreaterThanOrEqual(0.8);
  });

  test("a service at its limit cannot be planned for", () => {
    expect(plannedSample(0.01, 0.01)).toBeUndefined();
    expect(plannedSample(0.01, 0.0099)).toBeUndefined();
  });

  test("one sample fewer than the smallest size does not prove the limit", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.double({ min: 1e-5, max: 0.3, noNaN: true }), (x, limit) => {
        const n = smallestSample(limit, x);
        expect(clopperPearson(x, n).upper).toBeLessThanOrEqual(limit * (1 + 1e-9));
        if (n - 1 > x) expect(clopperPearson(x, n - 1).upper).toBeGreaterThan(limit * (1 - 1e-9));
      }),
      { seed, numRuns: 60 },
    );
  });
});

describe("order-statistic bounds", () => {
  test("the maximum of 299 samples bounds the P99, that of 298 does not", () => {
    const upTo = (n: number) => sortMs(Array.from({ length: n }, (_, i) => i + 1));
    expect(quantileBounds(upTo(298), 0.99).upper).toBeNull();
    expect(quantileBounds(upTo(299), 0.99).upper).toBe(299);
    expect(quantileBounds(upTo(473), 0.99).upper).toBe(472);
    expect(quantile(upTo(100), 0.99)).toBe(99);
    expect(quantile(sortMs([]), 0.5)).toBeNull();
  });

  test("the upper bound is below a limit exactly when Clopper-Pearson on the exceedances says so", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 60 }),
        (values, limit) => {
          const samples = sortMs(values);
          const over = values.filter((value) => value > limit).length;
          for (const q of [0.5, 0.9, 0.95]) {
            const { upper } = quantileBounds(samples, q);
            expect(upper !== null && upper <= limit).toBe(
              clopperPearson(over, values.length).upper <= 1 - q + 1e-12,
            );
          }
        },
      ),
      { seed },
    );
  });

  test("the lower bound is above a limit exactly when Clopper-Pearson on the exceedances says so", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 60 }),
        (values, limit) => {
          const over = values.filter((value) => value > limit).length;
          const { lower } = quantileBounds(sortMs(values), 0.9);
          expect(lower !== null && lower > limit).toBe(
            clopperPearson(over, values.length).lower >= 0.1 - 1e-12,
          );
        },
      ),
      { seed },
    );
  });
});

describe("Holm", () => {
  test("worked by hand", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
    expect(holm([0.03])).toEqual([true]);
    expect(holm([])).toEqual([]);
  });

  test("rejects all that Bonferroni does, and nothing above alpha", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (ps) => {
          holm(ps).forEach((rejected, i) => {
            const p = ps[i] as number;
            if (p <= 0.05 / ps.length) expect(rejected).toBe(true);
            if (p > 0.05) expect(rejected).toBe(false);
          });
        },
      ),
      { seed },
    );
  });
});
