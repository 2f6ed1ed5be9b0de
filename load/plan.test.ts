import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../gates/exit.ts";
import { scheduleOf } from "./engine/schedule.ts";
import { arrivalsOf, longestMs, planLoad, stretch } from "./plan.ts";

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
