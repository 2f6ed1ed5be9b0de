import { expect, test } from "vitest";
import type { Template } from "../generate/template.ts";
import { merged } from "./merged.ts";
import type { Step } from "./step.ts";

const step = (id: number, operation: string, more: Partial<Step> = {}): Step => ({
  id,
  operation,
  who: "owner",
  path: {},
  query: {},
  headers: {},
  ...more,
});
const made = (of: number): Template => ({ $sym: "reply", step: of, pointer: "/id" });

test("what names the second of two things names the first; the second, and the wait for it, are gone", () => {
  const steps = [
    step(1, "createPlan"),
    step(2, "createPlan", { body: { name: "second" } }),
    step(3, "getPlan", { path: { planId: made(2) }, settle: true }),
    step(4, "subscribe", { body: { planId: made(2), other: made(1) }, headers: { "If-Match": made(2) } }),
    step(5, "readAs", { who: { step: 2, issued: 0 }, query: { plan: made(2) } }),
  ];
  expect(merged(steps, 1, 2)).toEqual([
    step(1, "createPlan"),
    step(4, "subscribe", { body: { planId: made(1), other: made(1) }, headers: { "If-Match": made(1) } }),
    step(5, "readAs", { who: { step: 1, issued: 0 }, query: { plan: made(1) } }),
  ]);
});

test("where one of the two has gone already, there is nothing to share", () => {
  expect(merged([step(1, "createPlan")], 1, 2)).toBeUndefined();
  expect(merged([step(2, "createPlan")], 1, 2)).toBeUndefined();
});
