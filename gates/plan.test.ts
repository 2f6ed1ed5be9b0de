import { describe, expect, test } from "vitest";
import type { GateSpec, RunProfile } from "./evidence/index.ts";
import { CutoverError } from "./exit.ts";
import { coldStarts, judgedAt, loadRequests, runRecord } from "./fixture.ts";
import { judge } from "./judge.ts";
import { type Expected, type GatePlan, planGates, requireReach } from "./plan.ts";

const profileOf = (...gates: readonly GateSpec[]): RunProfile => ({
  ...runRecord().file.profile,
  name: "mine",
  gates,
});
const expected: Expected = {
  load: {
    phases: [
      { name: "warm-up", seconds: 10, requests: 100 },
      { name: "steady", seconds: 100, requests: 3000 },
      { name: "burst", seconds: 5, requests: 500 },
    ],
    endpoints: { getPlan: 0.75, quotePlan: 0.25 },
  },
  coldStarts: { samples: 310, secondsEach: 2 },
  replicates: 3,
};
const plan = (spec: GateSpec): GatePlan => planGates(profileOf(spec), expected)[0] as GatePlan;
const refusal = (spec: GateSpec): CutoverError => {
  try {
    requireReach(planGates(profileOf(spec), expected), "mine");
  } catch (error) {
    if (error instanceof CutoverError) return error;
  }
  throw new Error("it was not refused");
};

describe("the plan of a gate", () => {
  test("an error rate: sizes of the published table, time at the profile's rate, the command", () => {
    expect(plan({ gate: "errorRate", limit: 0.001 })).toEqual({
      gate: "errorRate",
      required: true,
      unit: "requests",
      least: 2995,
      wanted: 7752,
      assumes: "the true rate is a quarter of 0.1 %",
      planned: 3600,
      minutes: (115 + 4152 / (3600 / 115)) / 60,
      mend: "npm start -- --profile mine --requests 7752",
    });
    expect(plan({ gate: "errorRate", limit: 0.001, sequential: true }).least).toBe(3591);
  });

  test("latency leaves out the warm-up; a margin takes both sides", () => {
    expect(plan({ gate: "latency.p99", limit: 300 })).toMatchObject({
      planned: 3500,
      least: 299,
      wanted: 773,
    });
    expect(plan({ gate: "latency.p99", margin: 0.1 })).toMatchObject({ least: 299 });
    expect(plan({ gate: "latency.p99", margin: 0.1 }).wanted).toBeCloseTo(1.2 * 4743, -2);
  });

  test("a phase and an operation give a share of the run; what only a longer phase gives is said so", () => {
    const burst = plan({ gate: "latency.p95", limit: 300, phases: ["burst"], endpoints: ["quotePlan"] });
    expect(burst).toMatchObject({ planned: 125, wanted: 153, scope: "burst, quotePlan" });
    // 28 more at 25 a second.
    expect(burst.mend).toBe("Make burst of profiles.mine.load.phases 7 s long.");
    const steady = plan({ gate: "errorRate", limit: 0.001, phases: ["steady"] });
    expect(steady.mend).toBe("npm start -- --profile mine --requests 8352");
  });

  test("cold starts and searches", () => {
    expect(plan({ gate: "coldStart.p99", limit: 310 })).toMatchObject({
      least: 299,
      wanted: 773,
      planned: 310,
      minutes: (773 * 2) / 60,
    });
    expect(plan({ gate: "capacity.ratio", limit: 0.9 })).toMatchObject({ least: 2, wanted: 4, planned: 3 });
    expect(plan({ gate: "recoveryTime", limit: 1000 })).toMatchObject({ least: 5, planned: 3 });
    expect(planGates(profileOf({ gate: "contracts" }, { gate: "generator" }), expected)).toEqual([]);
  });

  test("what is planned can settle the gate, one fewer cannot: as the judge decides", () => {
    const errors: GateSpec = { gate: "errorRate", limit: 0.001 };
    const cold: GateSpec = { gate: "coldStart.p99", limit: 1000 };
    for (const [spec, parts] of [
      [errors, (n: number) => ({ requests: loadRequests(n) })],
      [{ ...errors, sequential: true }, (n: number) => ({ requests: loadRequests(n) })],
      [cold, (n: number) => ({ coldStarts: coldStarts(n) })],
      [{ ...cold, sequential: true }, (n: number) => ({ coldStarts: coldStarts(n) })],
    ] as const) {
      const kind = (n: number) => judge(runRecord({ gates: [spec], ...parts(n) }), judgedAt).gates[0]?.kind;
      expect(kind(plan(spec).least)).toBe("pass");
      expect(kind(plan(spec).least - 1)).toBe("inconclusive");
    }
  });
});

describe("a profile that cannot settle a gate", () => {
  test("is refused before anything is sent, with the mend", () => {
    const error = refusal({ gate: "errorRate", limit: 0.00002 });
    expect(error.exitCode).toBe(64);
    expect(error.message).toMatch(
      /mine can never settle errorRate[\s\S]*3,600 requests[\s\S]*at least 149,786[\s\S]*npm start -- --profile mine --requests 387681/,
    );
    expect(refusal({ gate: "recoveryTime", limit: 1000 }).message).toMatch(/3 replicates[\s\S]*at least 5/);
  });

  test("is let through when that gate is only reported", () => {
    requireReach(
      planGates(profileOf({ gate: "errorRate", limit: 0.00002, required: false }), expected),
      "mine",
    );
  });

  test("an operation that the scenario never calls is named, with those that it does", () => {
    const error = refusal({ gate: "errorRate", limit: 0.1, endpoints: ["getPlans"] });
    expect(error.exitCode).toBe(64);
    expect(error.message).toMatch(/getPlans[\s\S]*one of getPlan, quotePlan/);
  });
});
