import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Monolith, startMonolith } from "./start.ts";
import { type Client, clientOf, finalized, newAccount, until } from "./testing/client.ts";
import { startReceiver } from "./testing/receiver.ts";

let monolith: Monolith;
beforeAll(async () => {
  monolith = await startMonolith();
});
afterAll(() => monolith.close());

const metered = {
  name: "API",
  interval: "month",
  meter: "calls",
  pricing: { model: "per_unit", unitPrice: "0.10" },
};

async function subscribe(call: Client, plan: object = metered, quantity = "1"): Promise<string> {
  const { body } = await call("POST", "/plans", plan);
  const startsAt = "2026-01-31T00:00:00Z";
  return (await call("POST", "/subscriptions", { planId: body.id, quantity, startsAt })).body.id;
}

const use = (call: Client, subscriptionId: string, eventId: string, quantity: string) =>
  call("POST", "/usage/events", {
    eventId,
    subscriptionId,
    meter: "calls",
    quantity,
    occurredAt: "2026-02-01T01:00:00+01:00",
  });

const draft = async (call: Client, subscriptionId: string) =>
  (await call("POST", "/invoices", { subscriptionId, periodStart: "2026-01-31T00:00:00Z" })).body
    .id as string;

test("from account to refund, and every event is heard once, signed and in order", async ({
  onTestFinished,
}) => {
  const receiver = await startReceiver((_, index) => (index === 0 ? 500 : 204));
  onTestFinished(() => receiver.close());
  const call = await newAccount(monolith.url);
  const { webhook, secret } = (
    await call("POST", "/webhooks", {
      url: receiver.url,
      events: ["payment.refunded", "payment.succeeded", "invoice.paid", "invoice.finalized"],
    })
  ).body;
  const subscriptionId = await subscribe(call);
  expect((await use(call, subscriptionId, "e1", "10.50")).status).toBe(201);
  expect((await use(call, subscriptionId, "e1", "10.5")).status).toBe(200);
  expect((await use(call, subscriptionId, "e1", "11")).status).toBe(409);

  const invoiceId = await draft(call, subscriptionId);
  const { etag } = await call("GET", `/invoices/${invoiceId}`);
  const line = { description: "Setup", quantity: "1", unitPrice: "0.50" };
  const added = await call("POST", `/invoices/${invoiceId}/lines`, line, { "If-Match": etag });
  expect(added).toMatchObject({ status: 201, body: { subtotal: 50, tax: 10, total: 60 } });
  const accepted = await call("POST", `/invoices/${invoiceId}/finalize`);
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get("Location")).toBe(`/invoices/${invoiceId}`);
  expect(accepted.headers.get("Retry-After")).toBe("1");
  const { body: open } = await finalized(call, invoiceId);
  expect(open).toMatchObject({
    status: "open",
    number: 1,
    subtotal: 155,
    tax: 30,
    total: 185,
    amountDue: 185,
  });
  expect(open.lines.map((each: { kind: string }) => each.kind)).toEqual(["manual", "usage"]);
  expect((await call("GET", "/usage/events")).body.items).toMatchObject([{ quantity: "10.5", invoiceId }]);

  const pay = (amount: number, method = "tok_ok") => call("POST", "/payments", { invoiceId, amount, method });
  expect((await pay(186)).body.errors).toMatchObject([{ pointer: "/amount" }]);
  expect((await pay(185, "tok_declined")).body).toMatchObject({
    status: "failed",
    failureReason: "declined",
  });
  const { body: payment } = await pay(185);
  expect(payment.status).toBe("succeeded");
  expect((await pay(1)).status).toBe(409);
  expect((await call("GET", `/invoices/${invoiceId}`)).body).toMatchObject({ status: "paid", amountDue: 0 });
  expect((await call("POST", `/payments/${payment.id}/refunds`, { amount: 85 })).status).toBe(201);
  expect((await call("POST", `/payments/${payment.id}/refunds`, { amount: 101 })).status).toBe(409);

  const deliveries = await until(
    async () => (await call("GET", `/webhooks/${webhook.id}/deliveries`)).body.items,
    (items: { status: string; attempts: unknown[] }[]) =>
      items.length === 4 && items.every((each) => each.status === "succeeded"),
  );
  expect(deliveries.map(({ attempts }) => attempts.length).sort()).toEqual([1, 1, 1, 2]);
  const heard = receiver.arrivals.map(({ text }) => JSON.parse(text));
  expect(heard.map(({ type }) => type)).toEqual([
    "invoice.finalized",
    "invoice.finalized",
    "payment.succeeded",
    "invoice.paid",
    "payment.refunded",
  ]);
  expect(heard[0]).toEqual(heard[1]);
  expect(heard[1].data).toEqual(open);
  expect(heard[4].data).toMatchObject({ id: payment.id, refundedAmount: 85 });
  expect((receiver.arrivals[1]?.at ?? 0) - (receiver.arrivals[0]?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  for (const { headers, text } of receiver.arrivals) {
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["webhook-signature"])) ?? [];
    expect(v1).toBe(createHmac("sha256", secret).update(`${t}.${text}`).digest("hex"));
  }
});

test("an invoice without lines fails, is repaired by usage, and its period fee is billed once", async () => {
  const call = await newAccount(monolith.url);
  const subscriptionId = await subscribe(call);
  const invoiceId = await draft(call, subscriptionId);
  await call("POST", `/invoices/${invoiceId}/finalize`);
  expect((await finalized(call, invoiceId)).body).toMatchObject({
    status: "failed",
    failureReason: "nothing_to_bill",
  });
  await use(call, subscriptionId, "e", "1000000000000000");
  await use(call, subscriptionId, "f", "999999999999999999");
  await call("POST", `/invoices/${invoiceId}/finalize`);
  const { body: failed } = await finalized(call, invoiceId);
  expect(failed).toMatchObject({ status: "failed", failureReason: "amount_too_large", lines: [] });
  const { items } = (await call("GET", "/usage/events")).body;
  for (const event of items) expect(event.invoiceId).toBeUndefined();
  for (const event of items) expect((await call("DELETE", `/usage/events/${event.id}`)).status).toBe(204);

  const flat = { name: "Seat", interval: "month", pricing: { model: "flat", amount: 500 } };
  const second = await subscribe(call, flat);
  const [a, b] = [await draft(call, second), await draft(call, second)];
  await call("POST", `/invoices/${a}/finalize`);
  expect((await finalized(call, a)).body).toMatchObject({ status: "open", number: 1, total: 595 });
  await call("POST", `/invoices/${b}/finalize`);
  expect((await finalized(call, b)).body.failureReason).toBe("nothing_to_bill");
  expect((await call("POST", `/invoices/${a}/void`)).body).toMatchObject({ status: "void", number: 1 });
  await call("POST", `/invoices/${b}/finalize`);
  expect((await finalized(call, b)).body).toMatchObject({ status: "open", number: 2, total: 595 });
});

test("a batch judges each item as if it came alone", async () => {
  const call = await newAccount(monolith.url);
  const subscriptionId = await subscribe(call);
  const item = { subscriptionId, meter: "calls", quantity: "1", occurredAt: "2026-02-01T00:00:00Z" };
  const { body } = await call("POST", "/usage/events/batch", {
    events: [
      { ...item, eventId: "x", subscriptionId: "sub_none" },
      { ...item, eventId: "x" },
      { ...item, eventId: "x", quantity: "1.0" },
      { ...item, eventId: "x", quantity: "2" },
      { ...item, eventId: "y", occurredAt: "2020-01-01T00:00:00Z", extra: 1 },
      { ...item, eventId: "z" },
    ],
  });
  expect(body.items.map((each: { status: string }) => each.status)).toEqual([
    "rejected",
    "recorded",
    "duplicate",
    "rejected",
    "rejected",
    "recorded",
  ]);
  expect(body.items[0].problem).toMatchObject({ status: 422, errors: [{ pointer: "/subscriptionId" }] });
  expect(body.items[3].problem.status).toBe(409);
  expect(body.items[4].problem.errors).toMatchObject([{ pointer: "/extra" }]);
});

test("pages neither skip nor repeat while rows are added", async () => {
  const call = await newAccount(monolith.url);
  const subscriptionId = await subscribe(call);
  for (let i = 0; i < 7; i += 1) await use(call, subscriptionId, `p${i}`, "1");
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await call("GET", `/usage/events?limit=2&meter=calls${cursor}`);
    seen.push(...body.items.map((each: { eventId: string }) => each.eventId));
    await call("POST", "/usage/events", {
      eventId: `late${seen.length}`,
      subscriptionId,
      meter: "calls",
      quantity: "1",
      occurredAt: "2026-01-31T00:00:00Z",
    });
    cursor = body.nextCursor === undefined ? "" : `&cursor=${body.nextCursor}`;
  } while (cursor !== "");
  expect(seen.sort()).toEqual(["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
});

test("a removed member's key is dead at once, the last owner stays", async () => {
  const call = await newAccount(monolith.url);
  const path = `/accounts/${call.accountId}/members`;
  const invited = await call("POST", path, { email: "grace@example.com", role: "owner" });
  const other = clientOf(monolith.url, call.accountId, invited.body.apiKey);
  expect((await other("GET", path)).status).toBe(200);
  expect((await call("DELETE", `${path}/${invited.body.member.id}`)).status).toBe(204);
  expect((await other("GET", path)).status).toBe(401);
  const [owner] = (await call("GET", path)).body.items;
  expect((await call("DELETE", `${path}/${owner.id}`)).status).toBe(409);
});
