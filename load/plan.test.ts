import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../gates/exit.ts";
import { scheduleOf } from "./engine/schedule.ts";
import { arrivalsOf, longestMs, planFor, planLoad, stretch } from "./plan.ts";

const phase = (rate: number, seconds: number, name = "p") => ({ name, rate, seconds });

describe("a plan", () => {
  test("counts the users of each phase", () => {
    expect([phase(4, 30), phase(0.1, 30), phase(3, 0.1), phase(2.5, 1)].map(arrivalsOf)).toEqual([
      120, 3, 1, 3,
    ]);
  });

  test("stretches the longest phase until the requests are reached", () => {
    const plan = stretch([phase(4, 30, "steady"), phase(12, 4, "burst"), phase(4, 8, "after")], 3300, 13);
    expect(plan.phases.map((one) => [one.name, one.seconds])).toEqual([
      ["steady", 43.5],
      ["burst", 4],
      ["after", 8],
    ]);
    expect(plan).toMatchObject({ arrivals: 254, requests: 3302 });
  });

  test("leaves phases that bring enough as they are", () => {
    const phases = [phase(1, 10)];
    expect(stretch(phases, 0, 13)).toEqual({ phases, arrivals: 10, requests: 130 });
  });

  test("reaches any number of requests with no user too many", () => {
    const anyPhases = fc.array(
      fc.record({
        name: fc.constant("p"),
        rate: fc.integer({ min: 1, max: 500 }).map((n) => n / 10),
        seconds: fc.integer({ min: 1, max: 600 }).map((n) => n / 10),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(
        anyPhases,
        fc.integer({ min: 1, max: 50_000 }),
        fc.integer({ min: 1, max: 20 }),
        (phases, requests, perUser) => {
          const plan = stretch(phases, requests, perUser);
          const before = phases.reduce((sum, one) => sum + arrivalsOf(one), 0);
          expect(plan.requests).toBeGreaterThanOrEqual(requests);
          expect(plan.arrivals).toBe(Math.max(before, Math.ceil(requests / perUser)));
          expect(scheduleOf(plan.phases).arrivals).toHaveLength(plan.arrivals);
        },
      ),
      { seed: 20_260_102 },
    );
  });

  test("knows the journey", () => {
    expect(planLoad({ scenario: "journey", phases: [phase(2, 5)], requests: 0 })).toMatchObject({
      arrivals: 10,
      requests: 130,
    });
  });

  test("refuses a scenario that does not exist, and names those that do", () => {
    const plan = (): unknown => planLoad({ scenario: "jorney", phases: [phase(1, 1)], requests: 0 });
    expect(plan).toThrow(UsageError);
    expect(plan).toThrow(/jorney[\s\S]*journey/);
  });

  test("ends, whatever happens", () => {
    expect(longestMs({ phases: [phase(1, 5), phase(1, 2.5)], timeoutMs: 10_000 })).toBe(47_500);
  });
});

describe("a schedule", () => {
  const schedule = scheduleOf([phase(4, 1, "a"), phase(2, 1, "b")]);

  test("says when each user is due", () => {
    expect([...schedule.arrivals]).toEqual([0, 250, 500, 750, 1000, 1500]);
  });

  test("says what phase a moment belongs to; what comes later belongs to the last", () => {
    expect([0, 999.9, 1000, 1999, 60_000].map(schedule.phaseAt)).toEqual(["a", "a", "b", "b", "b"]);
  });
});

describe("shapes of load", () => {
  const anyPhase = fc.record(
    {
      name: fc.constant("p"),
      rate: fc.integer({ min: 1, max: 300 }).map((n) => n / 10),
      seconds: fc.integer({ min: 1, max: 200 }).map((n) => n / 10),
      to: fc.integer({ min: 1, max: 300 }).map((n) => n / 10),
      arrivals: fc.constantFrom<"uniform" | "poisson">("uniform", "poisson"),
      trace: fc
        .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
        .filter((counts) => counts.some((count) => count > 0)),
    },
    { requiredKeys: ["name", "rate", "seconds"] },
  );

  test("whatever the shape, all users arrive in order within their phase, as many as counted", () => {
    fc.assert(
      fc.property(fc.array(anyPhase, { minLength: 1, maxLength: 3 }), fc.nat(), (phases, seed) => {
        const { arrivals, endMs } = scheduleOf(phases, seed);
        expect(arrivals).toHaveLength(phases.reduce((sum, one) => sum + arrivalsOf(one), 0));
        expect([...arrivals]).toEqual([...arrivals].sort((a, b) => a - b));
        expect(arrivals.at(-1) ?? 0).toBeLessThanOrEqual(endMs);
        expect(arrivals[0] ?? 0).toBeGreaterThanOrEqual(0);
      }),
      { seed: 20_261_124 },
    );
  });

  test("workers share the users exactly: none is lost or comes twice", () => {
    fc.assert(
      fc.property(
        fc.array(anyPhase, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (phases, seed, of) => {
          const parts = Array.from(
            { length: of },
            (_, index) => scheduleOf(phases, seed, { index, of }).arrivals,
          );
          const together = parts.flatMap((part) => [...part]).sort((a, b) => a - b);
          expect(together).toEqual([...scheduleOf(phases, seed).arrivals]);
        },
      ),
      { seed: 20_261_124 },
    );
  });

  test("a ramp comes at the rate that its time has: from 10 to 30 a second in 2 s, 15 in the first", () => {
    const { arrivals } = scheduleOf([{ name: "p", rate: 10, to: 30, seconds: 2 }]);
    expect(arrivals).toHaveLength(40);
    expect(arrivals.filter((ms) => ms < 1000)).toHaveLength(15);
  });

  test("a trace keeps its shape at another rate", () => {
    const { arrivals } = scheduleOf([{ name: "p", rate: 10, seconds: 4, trace: [1, 0, 5, 2] }]);
    const inSecond = (n: number): number =>
      arrivals.filter((ms) => ms >= n * 1000 && ms < n * 1000 + 1000).length;
    expect([0, 1, 2, 3].map(inSecond)).toEqual([5, 0, 25, 10]);
  });

  test("Poisson arrivals vary as they should: gaps as long as their mean, give or take as much", () => {
    const { arrivals } = scheduleOf([{ name: "p", rate: 100, seconds: 100, arrivals: "poisson" }], 7);
    const gaps = [...arrivals].slice(1).map((ms, index) => ms - (arrivals[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(10, 0);
    expect(deviation / mean).toBeGreaterThan(0.95);
    expect(deviation / mean).toBeLessThan(1.05);
  });

  test("a peak scales all phases", () => {
    const phases = [phase(1, 10, "idle"), { ...phase(1, 1, "rise"), to: 10 }, phase(10, 10, "hold")];
    const plan = planFor({ phases, requests: 0, peak: 160 }, 8);
    expect(plan.phases.map(({ rate, to }) => [rate, to])).toEqual([
      [2, undefined],
      [2, 20],
      [20, undefined],
    ]);
  });

  test("more than one run can hold is refused", () => {
    expect(() => planFor({ phases: [phase(1000, 36_000)], requests: 0 }, 1)).toThrow(/too large/);
  });
});
