import { expect, test } from "vitest";
import type { EventType, WebhookItem } from "../functions/webhooks/model.ts";
import { type Listeners, listenersAmong, stage } from "./outbox.ts";

const webhook = (id: string, events: readonly EventType[], enabled = true): WebhookItem => ({
  pk: "acc_1",
  sk: id,
  version: 1,
  secret: "s",
  doc: { id, url: "https://a.example", events, enabled, createdAt: "", updatedAt: "" },
});
const paid = { type: "invoice.paid", resourceId: "inv_1", data: { id: "inv_1" } } as const;
const succeeded = { type: "payment.succeeded", resourceId: "pay_1", data: { id: "pay_1" } } as const;
const occasion = { accountId: "acc_1", group: "inv_1", sequence: 7, at: 0 };

// biome-ignore lint/suspicious/noExplicitAny: items of a DynamoDB transaction
const items = (listeners: Listeners, events: readonly (typeof paid | typeof succeeded)[]): any[] =>
  stage(listeners, { ...occasion, events }).writes.map((write) => write.Put?.Item);

test("only enabled webhooks that ask for the event", () => {
  const all = [
    webhook("whk_a", ["invoice.paid"]),
    webhook("whk_b", ["invoice.paid"], false),
    webhook("whk_c", ["payment.failed"]),
  ];
  expect([...listenersAmong(all, ["invoice.paid", "payment.succeeded"])]).toEqual([
    ["invoice.paid", ["whk_a"]],
    ["payment.succeeded", []],
  ]);
});

test("nobody listens: no trace, nothing to start", async () => {
  const staged = stage(new Map(), { ...occasion, events: [paid] });
  expect([staged.writes, staged.notifies]).toEqual([[], false]);
  await staged.start();
});

test("an event and its deliveries, in the order of events", () => {
  const written = items(
    new Map([
      ["invoice.paid", ["whk_a", "whk_b"]],
      ["payment.succeeded", ["whk_a"]],
    ]),
    [succeeded, paid],
  );
  const [first, , second] = written;
  expect(JSON.parse(first.body)).toEqual({
    id: first.sk,
    type: "payment.succeeded",
    createdAt: "1970-01-01T00:00:00.000Z",
    data: { id: "pay_1" },
  });
  expect(second.body).toContain('"invoice.paid"');
  const pending = written.filter((item) => item.g);
  expect(pending.map(({ g, doc }) => [g, doc.event, doc.eventId, doc.resourceId, doc.status])).toEqual([
    ["inv_1#000000000007.0#whk_a", "payment.succeeded", first.sk, "pay_1", "pending"],
    ["inv_1#000000000007.1#whk_a", "invoice.paid", second.sk, "inv_1", "pending"],
    ["inv_1#000000000007.1#whk_b", "invoice.paid", second.sk, "inv_1", "pending"],
  ]);
});

test.each([1, 89, 90, 250])("%i webhooks fit into a transaction, and none is forgotten", (count) => {
  const ids = Array.from({ length: count }, (_, i) => `whk_${i}`);
  const written = items(
    new Map([
      ["invoice.paid", ids],
      ["payment.succeeded", ids],
    ]),
    [succeeded, paid],
  );
  expect(written.length).toBeLessThanOrEqual(90);
  for (const type of ["invoice.paid", "payment.succeeded"]) {
    const event = written.find((item) => item.type === type);
    const served = written.filter(({ doc }) => doc?.event === type).map(({ doc }) => doc.webhookId);
    expect([...served, ...event.unserved]).toEqual(ids);
  }
});
