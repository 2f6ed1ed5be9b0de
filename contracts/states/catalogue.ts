import * as s from "../../gates/shape.ts";
import { METERED, STARTED, until, type WebhookEvent, type World } from "./world.ts";

/** What a state hands back, to be put into the request. */
export type Values = Readonly<Record<string, string | number>>;

/** One provider state: its parameters, the values it returns, how it is set up through the public API. */
export interface State {
  readonly params: s.Shape<unknown>;
  readonly provides: readonly string[];
  setUp(world: World, params: never): Promise<Values>;
}

function state<P>(
  params: s.Shape<P>,
  provides: readonly string[],
  setUp: (world: World, params: P) => Promise<Values>,
): Omit<State, "setUp" | "params"> & {
  readonly params: s.Shape<P>;
  setUp(world: World, params: P): Promise<Values>;
} {
  return { params, provides, setUp };
}

const nothing = s.object({}, "closed");
const event = s.oneOf(
  "invoice.finalized",
  "invoice.failed",
  "invoice.voided",
  "invoice.paid",
  "payment.succeeded",
  "payment.failed",
  "payment.refunded",
  "subscription.canceled",
);
const method = s.oneOf("tok_ok", "tok_declined", "tok_insufficient_funds");
const key = { key: s.name };

/** Every provider state, by the name that pacts give it. The same for every target: all go through the API. */
export const states = {
  "an account": state(nothing, ["accountId"], async (world) => ({ accountId: (await world.account()).id })),

  "a member with some scopes": state(
    s.object({ scopes: s.list(s.name) }, "closed"),
    ["accountId", "memberKey"],
    async (world, { scopes }) => ({
      accountId: (await world.account()).id,
      memberKey: await world.member(scopes),
    }),
  ),

  "a plan": state(s.object({ unitPrice: s.name }, "closed"), ["planId", "etag"], (world, { unitPrice }) =>
    world.plan({ pricing: { model: "per_unit", unitPrice } }),
  ),

  plans: state(s.object({ active: s.count, archived: s.count }, "closed"), [], async (world, many) => {
    for (let n = 1; n <= many.active; n++) await world.plan({ name: `Active ${n}` });
    for (let n = 1; n <= many.archived; n++)
      await world.archive((await world.plan({ name: `Old ${n}` })).planId);
    return {};
  }),

  "a subscription": state(
    s.object({ status: s.oneOf("active", "canceling", "canceled") }, "closed"),
    ["planId", "subscriptionId", "etag"],
    async (world, { status }) => {
      const { planId } = await world.plan({ pricing: { model: "flat", amount: 2800 } });
      const made = await world.subscription(planId, { quantity: "2", startsAt: STARTED });
      if (status !== "active")
        await world.cancel(made.subscriptionId, status === "canceled" ? "now" : "period_end");
      return { planId, ...made };
    },
  ),

  "a subscription, and a plan to move to": state(
    nothing,
    ["planId", "otherPlanId", "subscriptionId", "etag"],
    async (world) => {
      const { planId } = await world.plan({ pricing: { model: "flat", amount: 2800 } });
      const other = await world.plan({ name: "Business", pricing: { model: "flat", amount: 5600 } });
      return {
        planId,
        otherPlanId: other.planId,
        ...(await world.subscription(planId, { startsAt: STARTED })),
      };
    },
  ),

  "a subscription made with a key": state(
    s.object({ ...key, quantity: s.name }, "closed"),
    ["planId", "subscriptionId"],
    async (world, { key, quantity }) => {
      const { planId } = await world.plan();
      const { subscriptionId } = await world.subscription(planId, { quantity }, key);
      return { planId, subscriptionId };
    },
  ),

  usage: state(
    s.object(
      { events: s.list(s.object({ eventId: s.name, quantity: s.name, occurredAt: s.name })) },
      "closed",
    ),
    ["subscriptionId", "usageEventId"],
    async (world, { events }) => {
      const { subscriptionId } = await world.subscribed();
      let usageEventId = "";
      for (const { eventId, quantity, occurredAt } of events)
        usageEventId = await world.usage(subscriptionId, eventId, quantity, occurredAt);
      return { subscriptionId, usageEventId };
    },
  ),

  "a draft invoice": state(
    s.object({ unitPrices: s.list(s.name) }, "closed"),
    ["subscriptionId", "invoiceId", "etag"],
    async (world, { unitPrices }) => {
      const { subscriptionId } = await world.subscribed();
      return { subscriptionId, ...(await world.draft(subscriptionId, unitPrices)) };
    },
  ),

  "draft invoices": state(
    s.object({ count: s.positiveCount, limit: s.positiveCount }, "closed"),
    ["subscriptionId", "cursor"],
    async (world, { count, limit }) => {
      const { subscriptionId } = await world.subscribed();
      for (let n = 0; n < count; n++) await world.draft(subscriptionId, []);
      const page = await (await world.api()).listInvoices({ query: { subscriptionId, limit } });
      const cursor = page.kind === "documented" && page.status === 200 ? page.body.nextCursor : undefined;
      if (cursor === undefined) throw new Error(`no second page of ${count} invoices at ${limit} each`);
      return { subscriptionId, cursor };
    },
  ),

  "an open invoice": state(
    s.object({ unitPrice: s.name }, "closed"),
    ["subscriptionId", "invoiceId"],
    (world, { unitPrice }) => world.openInvoice(unitPrice),
  ),

  "a payment": state(
    s.object({ unitPrice: s.name, amount: s.positiveCount, method }, "closed"),
    ["invoiceId", "paymentId"],
    async (world, { unitPrice, amount, method }) => {
      const { invoiceId } = await world.openInvoice(unitPrice);
      return { invoiceId, paymentId: await world.pay(invoiceId, amount, method) };
    },
  ),

  "a payment made with a key": state(
    s.object({ ...key, unitPrice: s.name, amount: s.positiveCount }, "closed"),
    ["invoiceId", "paymentId"],
    async (world, { key, unitPrice, amount }) => {
      const { invoiceId } = await world.openInvoice(unitPrice);
      return { invoiceId, paymentId: await world.pay(invoiceId, amount, "tok_ok", key) };
    },
  ),

  "a refund": state(
    s.object({ unitPrice: s.name, amount: s.positiveCount, refunded: s.positiveCount }, "closed"),
    ["invoiceId", "paymentId", "refundId"],
    async (world, { unitPrice, amount, refunded }) => {
      const { invoiceId } = await world.openInvoice(unitPrice);
      const paymentId = await world.pay(invoiceId, amount);
      return { invoiceId, paymentId, refundId: await world.refund(paymentId, refunded) };
    },
  ),

  "a webhook": state(
    s.object({ events: s.list(event) }, "closed"),
    ["webhookId", "etag"],
    async (world, { events }) => {
      const { webhookId, etag } = await world.webhook(events);
      return { webhookId, etag };
    },
  ),

  "a webhook with a delivery": state(nothing, ["webhookId", "subscriptionId"], async (world) => {
    const { webhookId } = await world.webhook(["subscription.canceled"]);
    const { subscriptionId } = await world.subscribed();
    await world.cancel(subscriptionId, "now");
    const api = await world.api();
    await until("the delivery is recorded as succeeded", async () => {
      const reply = await api.listDeliveries({ path: { webhookId } });
      return reply.kind === "documented" && reply.status === 200
        ? reply.body.items.find(({ status }) => status === "succeeded")
        : undefined;
    });
    return { webhookId, subscriptionId };
  }),

  "a webhook that hears of": state(
    s.object({ event }, "closed"),
    ["webhookId", "subscriptionId", "invoiceId"],
    async (world, { event }) => {
      const { subscriptionId } = await world.subscribed();
      const { webhookId, inbox, secret } = await world.webhook([event]);
      const invoiceId = await happens[event](world, subscriptionId);
      await world.arrival(inbox, secret, event);
      return { webhookId, subscriptionId, invoiceId };
    },
  ),
};

/** Makes an event happen to a subscription without anything to bill. Answers with the invoice's id, if any. */
const happens: Readonly<Record<WebhookEvent, (world: World, subscriptionId: string) => Promise<string>>> = {
  "invoice.finalized": opened,
  "invoice.failed": async (world, subscriptionId) => {
    const { invoiceId } = await world.draft(subscriptionId, []);
    await world.finalize(invoiceId);
    return invoiceId;
  },
  "invoice.voided": (world, subscriptionId) => then(world, subscriptionId, (id) => world.void(id)),
  "invoice.paid": (world, subscriptionId) => then(world, subscriptionId, (id) => world.pay(id, TOTAL)),
  "payment.succeeded": (world, subscriptionId) => then(world, subscriptionId, (id) => world.pay(id, 100)),
  "payment.failed": (world, subscriptionId) =>
    then(world, subscriptionId, (id) => world.pay(id, TOTAL, "tok_declined")),
  "payment.refunded": (world, subscriptionId) =>
    then(world, subscriptionId, async (id) => world.refund(await world.pay(id, TOTAL), 1000)),
  "subscription.canceled": async (world, subscriptionId) => {
    await world.cancel(subscriptionId, "now");
    return "";
  },
};

/** 49.00 and 19 % of it, 9.31. */
const TOTAL = 5831;

async function opened(world: World, subscriptionId: string): Promise<string> {
  const { invoiceId } = await world.draft(subscriptionId, ["49"]);
  await world.finalize(invoiceId);
  return invoiceId;
}

async function then(
  world: World,
  subscriptionId: string,
  next: (invoiceId: string) => Promise<unknown>,
): Promise<string> {
  const invoiceId = await opened(world, subscriptionId);
  await next(invoiceId);
  return invoiceId;
}

export type StateName = keyof typeof states;
type ParamsOf<N extends StateName> = (typeof states)[N]["params"] extends s.Shape<infer P> ? P : never;

/** A state as an interaction names it. */
export interface Given {
  readonly name: string;
  readonly params: Readonly<Record<string, never>>;
}

/** A state of the catalogue with its parameters. */
export function given<N extends StateName>(
  name: N,
  ...[params]: Record<never, never> extends ParamsOf<N> ? [] : [ParamsOf<N>]
): Given {
  return { name, params: (params ?? {}) as Given["params"] };
}

/** The state of this name, whoever asks for it. */
export function stateOf(name: string): State | undefined {
  return Object.hasOwn(states, name) ? (states[name as StateName] as unknown as State) : undefined;
}

/** The meter of every bundled subscription that counts usage. */
export const METER = METERED.meter;
