import { expect, test } from "vitest";
import type { Subscription } from "../subscriptions/store.ts";
import { judge, type UsageRequest } from "./judge.ts";
import { newUsageItem, usageEventId } from "./model.ts";

const now = "2026-03-01T00:00:00.000Z";
const request: UsageRequest = {
  eventId: "e:1",
  subscriptionId: "sub_1",
  meter: "calls",
  quantity: "1.5",
  occurredAt: "2026-02-01T00:00:00.000Z",
};
const active: Subscription = {
  id: "sub_1",
  planId: "plan_1",
  quantity: "1",
  status: "active",
  startsAt: "2026-02-01T00:00:00.000Z",
  createdAt: now,
  updatedAt: now,
};
const canceled: Subscription = { ...active, status: "canceled", canceledAt: now, endsAt: now };
const known = newUsageItem("acc_1", request, now);
const { s, t, ...voided } = known;

const outcome = (
  wanted: UsageRequest,
  found = undefined as typeof known | undefined,
  subscription?: Subscription,
) => {
  const verdict = judge("acc_1", { request: wanted, known: found, subscription }, now);
  if (verdict.status !== "rejected") return verdict.status;
  return [
    verdict.problem.status,
    ...(verdict.problem.body.errors ?? []).map((e) => "pointer" in e && e.pointer),
  ];
};

test("new, from the instant the subscription starts", () =>
  expect(outcome(request, undefined, active)).toBe("recorded"));
test("the same again, whatever became of the subscription", () =>
  expect([outcome(request, known, active), outcome(request, known, canceled)]).toEqual([
    "duplicate",
    "duplicate",
  ]));
test("unknown subscription", () => expect(outcome(request)).toEqual([422, "/subscriptionId"]));
test("422 comes before 409", () =>
  expect(outcome({ ...request, subscriptionId: "sub_2" }, known)).toEqual([422, "/subscriptionId"]));
test("before the start", () =>
  expect(outcome({ ...request, occurredAt: "2026-01-31T23:59:59.999Z" }, undefined, active)).toEqual([
    422,
    "/occurredAt",
  ]));
test("canceled", () => expect(outcome(request, undefined, canceled)).toEqual([409]));
test("canceling takes usage", () =>
  expect(outcome(request, undefined, { ...active, status: "canceling" })).toBe("recorded"));
test("voided", () => expect(outcome(request, voided, active)).toEqual([409]));
test.each([{ meter: "other" }, { quantity: "1.50001" }, { occurredAt: "2026-02-01T00:00:00.001Z" }])(
  "another event under the eventId: %o",
  (change) => expect(outcome({ ...request, ...change }, known, active)).toEqual([409]),
);

test("an id follows from account and eventId, and tells neither", () => {
  const id = usageEventId("acc_1", "e1");
  expect(id).toMatch(/^usg_[0-9A-Za-z]{26}$/);
  expect(usageEventId("acc_1", "e1")).toBe(id);
  expect(usageEventId("acc_2", "e1")).not.toBe(id);
  expect(usageEventId("acc_1", "e2")).not.toBe(id);
});
