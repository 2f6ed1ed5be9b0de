import { expect, test } from "vitest";
import { coldStarts, judgedAt, loadRequests, runRecord } from "./fixture.ts";
import { randomFrom } from "./fixture-random.ts";
import { judge } from "./judge.ts";
import { simulator } from "./simulate.ts";

const verdicts = (runs: Parameters<typeof simulator>[0], count: number): readonly string[] => {
  const draw = simulator(runs, randomFrom(7));
  return Array.from({ length: count }, () => judge(draw(), judgedAt).verdict);
};

test("runs drawn from clean ones are GO", () => {
  const runs = [runRecord(), runRecord({ coldStarts: coldStarts(310) })];
  expect(new Set(verdicts(runs, 40))).toEqual(new Set(["GO"]));
});

test("runs drawn from a bad one are not, and vary as samples do", () => {
  const seen = verdicts([runRecord({ requests: loadRequests(3000, 6) })], 60);
  expect(seen.filter((verdict) => verdict === "GO").length).toBeLessThan(10);
  expect(new Set(seen).size).toBeGreaterThan(1);
});

test("one request keeps its time and gets what came of another of its operation", () => {
  const record = runRecord();
  const drawn = simulator([record], randomFrom(3))();
  const moved = drawn.requests.filter((one, i) => one.doneMs !== record.requests[i]?.doneMs);
  expect(moved.length).toBeGreaterThan(100);
  const latencies = new Set(record.requests.map((one) => Math.round((one.doneMs - one.dueMs) * 1000)));
  for (const [i, one] of drawn.requests.entries()) {
    expect(one.dueMs).toBe(record.requests[i]?.dueMs);
    expect(latencies).toContain(Math.round((one.doneMs - one.dueMs) * 1000));
  }
});
