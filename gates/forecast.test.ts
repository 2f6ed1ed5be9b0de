import { describe, expect, test } from "vitest";
import { runRecord } from "./fixture.ts";
import { forecast, type Measured, measuredOf } from "./forecast.ts";

const measured: Measured = {
  coldMs: Array<number>(400).fill(200),
  busyMs: 50,
  invocations: 2,
  errors: { x: 0, n: 2995 },
  budget: 0.001,
  concurrency: 1000,
  functions: 5,
};

describe("a forecast", () => {
  test("worked by hand: 100 requests a second", () => {
    // 100 × 2 invocations × 50 ms = 10 busy at once; while they start, 100 × 2 × 200 ms = 40 find none free.
    const step = forecast({ share: 0.1, peak: 1000 }, measured);
    expect(step).toMatchObject({ rate: 100, environments: 40, rampSeconds: 0, throttled: 0, coldP99Ms: 200 });
    expect(step.coldRequests).toBe(40);
    expect(step.coldShare).toBeCloseTo(40 / 6000, 12);
    // No error in 2,995 proves at most 0.1 %: just the budget.
    expect(step.budgetUsed).toBeCloseTo(1, 3);
    expect(step.assumptions.length).toBeGreaterThan(3);
  });

  test("beyond what Lambda adds at once it takes time and throttles; beyond the account's limit it never ends", () => {
    const large = { ...measured, concurrency: 3000 };
    // 5,000 × 2 × 200 ms = 2,000 environments: 1,000 at once, 1,000 in 10 s.
    const step = forecast({ share: 1, peak: 5000 }, large);
    expect(step).toMatchObject({ environments: 2000, rampSeconds: 10 });
    // A quarter of them is missing on average: 5,000 × 10 s × 0.25.
    expect(step.throttled).toBeCloseTo(12_500, 6);
    // 30,000 × 2 × 50 ms = 3,000 of the account's 1,000: two of three are refused for ever.
    const over = forecast({ share: 1, peak: 30_000 }, measured);
    expect(over.throttled).toBeCloseTo(30_000 * 60 * (2 / 3), 0);
    expect(over.budgetUsed).toBeGreaterThan(600);
  });

  test("a few requests still start each function", () => {
    expect(forecast({ share: 0.01, peak: 10 }, measured).environments).toBe(5);
  });

  test("takes from a run what it measured, and nothing from one that lacks a part", () => {
    expect(measuredOf(runRecord())).toMatchObject({
      invocations: 1,
      budget: 0.001,
      errors: { x: 0, n: 3000 },
    });
    expect(measuredOf(runRecord({ coldStarts: [] }))).toBeUndefined();
    expect(measuredOf(runRecord({ requests: [] }))).toBeUndefined();
  });
});
