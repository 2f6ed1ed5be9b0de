import { expect, test } from "vitest";
import { judgeOutcomes, row } from "./table.ts";
import type { Outcome } from "./try.ts";

const outcome = (id: string, more: Partial<Outcome> = {}): Outcome => ({
  known: { id, says: "something else", operations: ["getPlan"] },
  found: true,
  seconds: 10,
  requests: 2,
  replays: true,
  title: "getPlan answers otherwise",
  others: [],
  pairs: 100,
  ...more,
});

const many = (count: number, more: Partial<Outcome> = {}): readonly Outcome[] =>
  Array.from({ length: count }, () => outcome("B19", more));

test("what is found too late, or reported beside it, or does not replay, is not good enough", () => {
  expect(judgeOutcomes([outcome("B01")]).holds).toBe(true);
  const late = outcome("B01", { seconds: 60.1 });
  expect(row(late)).toContain("late");
  expect(judgeOutcomes([late]).text).toContain("B01 NOT EXPLAINED");
  for (const bad of [late, outcome("B01", { others: ["another"] }), outcome("B01", { replays: false })])
    expect(judgeOutcomes([bad]).holds).toBe(false);
  expect(
    judgeOutcomes([outcome("clean", { known: { id: "clean", says: "", operations: [] }, others: ["x"] })])
      .holds,
  ).toBe(false);
});

test("of sixty at least 55 have to be found in time, and explanations do not make up for more", () => {
  expect(judgeOutcomes([...many(55), ...many(5, { found: false })]).holds).toBe(true);
  expect(judgeOutcomes([...many(54), ...many(6, { seconds: 61 })]).holds).toBe(false);
  expect(judgeOutcomes([...many(54), ...many(6, { requests: 5 })]).holds).toBe(true);
  expect(judgeOutcomes([...many(53), ...many(7, { requests: 5 })]).holds).toBe(false);
});
