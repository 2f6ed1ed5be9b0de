import { afterAll, beforeAll, expect, test } from "vitest";
import { type Monolith, startMonolith } from "./start.ts";
import { type Client, finalized, newAccount, type Reply } from "./testing/client.ts";
import { connect, somebodyWaits } from "./testing/database.ts";

let monolith: Monolith;
beforeAll(async () => {
  monolith = await startMonolith();
});
afterAll(() => monolith.close());

const times = <T>(n: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => work(i)));
const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status).sort();

const flat = { name: "Seat", interval: "month", pricing: { model: "flat", amount: 1000 } };

async function newSubscription(call: Client): Promise<string> {
  const { body } = await call("POST", "/plans", flat);
  return (await call("POST", "/subscriptions", { planId: body.id })).body.id;
}

async function newDraft(call: Client, subscriptionId: string): Promise<string> {
  const { body, etag } = await call("POST", "/invoices", { subscriptionId });
  const line = { description: "Fee", quantity: "1", unitPrice: "10" };
  await call("POST", `/invoices/${body.id}/lines`, line, { "If-Match": etag });
  return body.id;
}

async function newOpen(call: Client): Promise<string> {
  const id = await newDraft(call, await newSubscription(call));
  await call("POST", `/invoices/${id}/finalize`);
  await finalized(call, id);
  return id;
}

test("ten concurrent finalizations get ten consecutive numbers, and the period fee is billed once", async () => {
  const call = await newAccount(monolith.url, 0);
  const subscriptionId = await newSubscription(call);
  const ids = await times(10, () => newDraft(call, subscriptionId));
  expect(statuses(await Promise.all(ids.map((id) => call("POST", `/invoices/${id}/finalize`))))).toEqual(
    Array(10).fill(202),
  );
  const invoices = (await Promise.all(ids.map((id) => finalized(call, id)))).map(({ body }) => body);
  expect(invoices.map(({ number }) => number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(invoices.map(({ total }) => total).sort((a, b) => a - b)).toEqual([...Array(9).fill(1000), 2000]);
});

test("of ten requests to finalize one invoice, one is accepted", async () => {
  const call = await newAccount(monolith.url);
  const id = await newDraft(call, await newSubscription(call));
  const replies = await times(10, () => call("POST", `/invoices/${id}/finalize`));
  expect(statuses(replies)).toEqual([202, ...Array(9).fill(409)]);
});

test("of two payments for all that is due, one succeeds", async () => {
  const call = await newAccount(monolith.url);
  for (let round = 0; round < 5; round += 1) {
    const invoiceId = await newOpen(call);
    const { amountDue } = (await call("GET", `/invoices/${invoiceId}`)).body;
    const replies = await times(2, () =>
      call("POST", "/payments", { invoiceId, amount: amountDue, method: "tok_ok" }),
    );
    expect(statuses(replies)).toEqual([201, 409]);
    expect((await call("GET", `/invoices/${invoiceId}`)).body).toMatchObject({
      status: "paid",
      amountPaid: amountDue,
    });
  }
});

test("refunds at once never give back more than was paid", async () => {
  const call = await newAccount(monolith.url);
  const invoiceId = await newOpen(call);
  const { body } = await call("POST", "/payments", { invoiceId, amount: 100, method: "tok_ok" });
  const replies = await times(5, () => call("POST", `/payments/${body.id}/refunds`, { amount: 40 }));
  expect(statuses(replies)).toEqual([201, 201, 409, 409, 409]);
  expect((await call("GET", `/payments/${body.id}`)).body.refundedAmount).toBe(80);
});

test("of voiding and finalizing a draft at once, the first wins and the other sees its state", async () => {
  const call = await newAccount(monolith.url);
  const subscriptionId = await newSubscription(call);
  for (let round = 0; round < 10; round += 1) {
    const id = await newDraft(call, subscriptionId);
    const [voided, accepted] = await Promise.all([
      call("POST", `/invoices/${id}/void`),
      call("POST", `/invoices/${id}/finalize`),
    ]);
    const { body } = await finalized(call, id);
    if (voided.status === 409) expect([accepted.status, body.status]).toEqual([202, "open"]);
    else if (accepted.status === 409) expect([voided.status, body.status]).toEqual([200, "void"]);
    // Voided after the workflow had opened it: one after the other, not at once.
    else expect([voided.body.number > 0, body.status]).toEqual([true, "void"]);
  }
});

test("one Idempotency-Key sent ten times at once acts once", async () => {
  const call = await newAccount(monolith.url);
  const { body: plan } = await call("POST", "/plans", flat);
  const headers = { "Idempotency-Key": "k" };
  const replies = await times(10, () => call("POST", "/subscriptions", { planId: plan.id }, headers));
  const made = replies.filter(({ status }) => status === 201);
  expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
  expect(made.filter((reply) => !reply.headers.has("Idempotency-Replayed"))).toHaveLength(1);
  for (const { status, body } of replies)
    if (status !== 201)
      expect(body).toMatchObject({ status: 409, type: expect.stringMatching(/idempotency-in-progress$/) });
  expect((await call("GET", "/subscriptions")).body.items).toHaveLength(1);
  const again = await call("POST", "/subscriptions", { quantity: "1", planId: plan.id }, headers);
  expect(again.body.type).toMatch(/idempotency-key-reused$/);
  await call("POST", `/plans/${plan.id}/archive`);
  const replayed = await call("POST", "/subscriptions", { planId: plan.id }, headers);
  expect([replayed.status, replayed.headers.get("Idempotency-Replayed"), replayed.etag]).toEqual([
    201,
    "true",
    made[0]?.etag,
  ]);
});

test("after 24 hours a key is new again", async () => {
  const call = await newAccount(monolith.url);
  const { body: plan } = await call("POST", "/plans", flat);
  const subscribe = () => call("POST", "/subscriptions", { planId: plan.id }, { "Idempotency-Key": "k" });
  const { body: first } = await subscribe();
  const db = await connect(monolith.databaseUrl);
  const age = (by: string) =>
    db.query("UPDATE idempotency_keys SET created_at = created_at - $2::interval WHERE account_id = $1", [
      call.accountId,
      by,
    ]);
  await age("23 hours 59 minutes");
  expect((await subscribe()).body.id).toBe(first.id);
  await age("1 minute");
  const second = await subscribe();
  expect([second.status, second.headers.has("Idempotency-Replayed"), second.body.id === first.id]).toEqual([
    201,
    false,
    false,
  ]);
  expect((await subscribe()).body.id).toBe(second.body.id);
});

test("an eventId sent many times at once is recorded once, in batches of any order too", async () => {
  const call = await newAccount(monolith.url);
  const subscriptionId = await newSubscription(call);
  const { startsAt } = (await call("GET", `/subscriptions/${subscriptionId}`)).body;
  const event = (eventId: string) => ({
    eventId,
    subscriptionId,
    meter: "m",
    quantity: "1",
    occurredAt: startsAt,
  });
  expect(statuses(await times(8, () => call("POST", "/usage/events", event("one"))))).toEqual([
    ...Array(7).fill(200),
    201,
  ]);
  const names = Array.from({ length: 30 }, (_, i) => `b${i}`);
  const batches = await times(6, (i) =>
    call("POST", "/usage/events/batch", { events: (i % 2 ? names : names.toReversed()).map(event) }),
  );
  const items = batches.flatMap(({ body }) => body.items) as { status: string }[];
  expect(items.filter(({ status }) => status === "recorded")).toHaveLength(30);
  expect(items.filter(({ status }) => status === "duplicate")).toHaveLength(150);
});

test("two owners cannot remove each other", async () => {
  for (let round = 0; round < 5; round += 1) {
    const call = await newAccount(monolith.url);
    const path = `/accounts/${call.accountId}/members`;
    await call("POST", path, { email: "grace@example.com", role: "owner" });
    const { items } = (await call("GET", path)).body;
    const replies = await Promise.all(items.map(({ id }: { id: string }) => call("DELETE", `${path}/${id}`)));
    // The second one is refused, or its key was gone before it asked.
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
  }
});

test("of two updates with one ETag, one is made", async () => {
  const call = await newAccount(monolith.url);
  const path = `/accounts/${call.accountId}`;
  const { etag } = await call("GET", path);
  const replies = await times(6, (i) => call("PATCH", path, { name: `N${i}` }, { "If-Match": etag }));
  expect(statuses(replies)).toEqual([200, ...Array(5).fill(412)]);
});

test("an event of a webhook that is being deleted fails nothing", async () => {
  const call = await newAccount(monolith.url);
  const id = await newSubscription(call);
  const events = ["subscription.canceled"];
  const { body } = await call("POST", "/webhooks", { url: "https://example.com/", events });
  const db = await connect(monolith.databaseUrl);
  await db.query("BEGIN");
  await db.query("DELETE FROM webhooks WHERE id = $1", [body.webhook.id]);
  const canceling = call("POST", `/subscriptions/${id}/cancel`, { mode: "now" });
  await somebodyWaits(db);
  await db.query("COMMIT");
  expect((await canceling).status).toBe(200);
  expect((await call("GET", `/webhooks/${body.webhook.id}/deliveries`)).status).toBe(404);
});
