import { expect } from "vitest";
import { type Answer, newKey, type Send, type Tenant, tenant } from "./client.ts";

/** Asks again and again until the answer will do. @throws Error after half a minute */
export async function until<T>(ask: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (enough(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const metered = {
  name: "Pay as you go",
  interval: "month",
  meter: "calls",
  pricing: { model: "graduated", tiers: [{ upTo: "10", unitPrice: "1" }, { unitPrice: "0.5" }] },
};
export const seats = { name: "Team", interval: "month", pricing: { model: "per_unit", unitPrice: "49" } };

export const startsAt = "2026-01-31T09:30:00.000Z";
export const periodEnd = "2026-02-28T09:30:00.000Z";

/** Sends, and insists on the status. */
export const must =
  (send: Send) =>
  async (status: number, ...request: Parameters<Send>): Promise<Answer> => {
    const answer = await send(...request);
    if (answer.status !== status)
      throw new Error(
        `${request[0]} ${request[1]}: ${answer.status} ${JSON.stringify(answer.body)}, wanted ${status}`,
      );
    return answer;
  };

export interface World extends Tenant {
  readonly must: ReturnType<typeof must>;
  readonly planId: string;
  readonly subscriptionId: string;
}

/** A fresh account (19 % tax, euro) with a subscription to a plan, by default the metered one. */
export async function world(url: string, plan: object = metered, subscription: object = {}): Promise<World> {
  const account = await tenant(url, { taxRateBasisPoints: 1900 });
  const ask = must(account.send);
  const planId = (await ask(201, "POST", "/plans", { body: plan })).body.id;
  const body = { planId, startsAt, ...subscription };
  const created = await ask(201, "POST", "/subscriptions", { body, key: newKey() });
  return { ...account, must: ask, planId, subscriptionId: created.body.id };
}

let events = 0;

/** The body of an event of a subscription, an hour after its start. */
export const usage = (subscriptionId: string, more: object = {}) => ({
  eventId: `e-${process.pid}-${++events}`,
  subscriptionId,
  meter: "calls",
  quantity: "1",
  occurredAt: "2026-01-31T10:30:00.000Z",
  ...more,
});

/** Drafts an invoice of the first period. */
export const draft = async ({ must, subscriptionId }: World, more: object = {}): Promise<Answer> =>
  must(201, "POST", "/invoices", { body: { subscriptionId, periodStart: startsAt, ...more }, key: newKey() });

/** Adds a manual line. */
export const addLine = ({ must }: World, invoice: Answer, line: object = {}): Promise<Answer> =>
  must(201, "POST", `/invoices/${invoice.body.id}/lines`, {
    body: { description: "Support", quantity: "1", unitPrice: "10", ...line },
    ifMatch: invoice.etag,
    key: newKey(),
  });

/** Waits until the workflow is through with an invoice. */
export const settled = ({ send }: World, id: string): Promise<Answer> =>
  until(
    () => send("GET", `/invoices/${id}`),
    ({ body }) => body.status !== "finalizing",
  );

/** Finalizes and waits for the outcome. */
export async function finalize(world: World, id: string): Promise<Answer> {
  await world.must(202, "POST", `/invoices/${id}/finalize`, { key: newKey() });
  return settled(world, id);
}

/** An open invoice over one manual line, 11.90 with tax. */
export async function openInvoice(world: World): Promise<Answer> {
  const invoice = await finalize(world, (await addLine(world, await draft(world))).body.id);
  expect(invoice.body).toMatchObject({ status: "open", total: 1190 });
  return invoice;
}

export const pay = ({ send }: World, invoiceId: string, amount: number, more: object = {}, key = newKey()) =>
  send("POST", "/payments", { body: { invoiceId, amount, method: "tok_ok", ...more }, key });
