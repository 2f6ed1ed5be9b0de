import { expect, test } from "vitest";
import { type DeliveryItem, deliveryOf, type EventItem } from "../functions/webhooks/model.ts";
import { attempted, headsOf } from "./delivering.ts";

const event = (sequence: string): EventItem => ({
  pk: "acc_1",
  sk: `evt_${sequence}`,
  type: "invoice.paid",
  resourceId: "inv_1",
  createdAt: "2026-03-01T00:00:00.000Z",
  place: `inv_1#${sequence}`,
  body: "{}",
  unserved: [],
});
const delivery = (sequence: string, webhookId: string): DeliveryItem =>
  deliveryOf(event(sequence), webhookId);

test("each webhook has its own queue", () => {
  const [a1, b1, a2, b2] = [
    delivery("1", "whk_a"),
    delivery("1", "whk_b"),
    delivery("2", "whk_a"),
    delivery("2", "whk_b"),
  ];
  expect(headsOf([a1, b1, a2, b2])).toEqual([a1, b1]);
  expect(headsOf([a2, b1, b2])).toEqual([a2, b1]);
});

test("success ends it", () => {
  const item = { ...delivery("1", "whk_a"), leasedUntil: 9 };
  const after = attempted(item, { responseStatus: 200 }, 1_000, 1_500);
  expect(after).toMatchObject({
    doc: { status: "succeeded", attempts: [{ at: "1970-01-01T00:00:01.000Z", responseStatus: 200 }] },
  });
  expect([after.g, after.leasedUntil]).toEqual([undefined, undefined]);
});

test("three attempts, after 1 and 5 seconds, counted from the failure before", () => {
  const first = attempted(delivery("1", "whk_a"), { responseStatus: 500 }, 0, 100);
  expect([first.doc.status, first.dueAt, first.g]).toEqual(["pending", 1_100, delivery("1", "whk_a").g]);
  const second = attempted(first, { error: "timeout" }, 1_100, 3_100);
  expect([second.doc.status, second.dueAt]).toEqual(["pending", 8_100]);
  const third = attempted(second, { error: "unreachable" }, 8_100, 8_101);
  expect([third.doc.status, third.g, third.doc.attempts]).toEqual([
    "failed",
    undefined,
    [
      { at: "1970-01-01T00:00:00.000Z", responseStatus: 500 },
      { at: "1970-01-01T00:00:01.100Z", error: "timeout" },
      { at: "1970-01-01T00:00:08.100Z", error: "unreachable" },
    ],
  ]);
});
