import { expect, test } from "vitest";
import { brokenAlready } from "./early.ts";
import type { GateSpec } from "./evidence/index.ts";

const limit = 0.00002;
const gate: GateSpec = { gate: "errorRate", limit };
const asked = (spec: GateSpec, errors: number, requests: number, judges = true) =>
  brokenAlready([spec], () => judges, { requests, errors });

test("a load may end as soon as its error rate is proven too high, and not a request before", () => {
  expect(asked(gate, 6, 50_439)).toBe("errorRate is proven to be over 0.002 %: 6 errors in 50,439 requests.");
  expect(asked(gate, 6, 50_440)).toBeUndefined();
  expect(asked(gate, 5, 5)).toBeDefined();
  // Proven, but with too little to look at.
  expect(asked(gate, 4, 4)).toBeUndefined();
  expect(asked(gate, 0, 0)).toBeUndefined();
});

test("only a required gate over the whole load of that target ends it", () => {
  expect(asked({ ...gate, required: false }, 50, 100)).toBeUndefined();
  expect(asked({ ...gate, phases: ["burst"] }, 50, 100)).toBeUndefined();
  expect(asked({ ...gate, endpoints: ["getPlan"] }, 50, 100)).toBeUndefined();
  expect(asked(gate, 50, 100, false)).toBeUndefined();
  expect(asked({ gate: "throttleRate", limit }, 50, 100)).toBeUndefined();
});
