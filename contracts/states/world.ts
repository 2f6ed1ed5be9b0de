import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type CallOf, type Client, expectStatus } from "../../openapi/client/index.ts";
import type { operations } from "../../openapi/generated/index.ts";
import { type Arrival, type Inbox, isSigned, type Receiver } from "./receiver.ts";

type Api = Client<operations>;
type BodyOf<Id extends keyof operations> = CallOf<operations[Id]>["body"];
export type Pricing = BodyOf<"createPlan">["pricing"];
export type PaymentMethod = BodyOf<"createPayment">["method"];
export type WebhookEvent = BodyOf<"createWebhook">["events"][number];

/** A delivery, and whether its signature holds. */
export interface Delivery extends Arrival {
  readonly signed: boolean;
}

/** How long anything that happens later may take. */
const DEADLINE_MS = 20_000;

/**
 * One isolated world on a target: an account of its own, and what the states put into it through the public API,
 * each thing when it is first asked for.
 */
export class World {
  readonly #public: Api;
  readonly #receiver: Receiver;
  #account: Promise<{ readonly id: string; readonly apiKey: string }> | undefined;
  /** What came of the event that a state made happen; messages are verified against it. */
  delivery: Delivery | undefined;

  constructor(api: Api, receiver: Receiver) {
    this.#public = api;
    this.#receiver = receiver;
  }

  account(): Promise<{ readonly id: string; readonly apiKey: string }> {
    this.#account ??= this.#createAccount();
    return this.#account;
  }

  async #createAccount() {
    const body = {
      name: "Pact",
      email: "owner@pact.example",
      currency: "EUR",
      taxRateBasisPoints: 1900,
    } as const;
    const reply = expectStatus(await this.#public.createAccount({ body }), 201);
    return { id: reply.body.account.id, apiKey: reply.body.apiKey };
  }

  /** The client with the owner's key. */
  async api(): Promise<Api> {
    return this.#public.as((await this.account()).apiKey);
  }

  async member(scopes: readonly string[]): Promise<string> {
    const body = { email: "clerk@pact.example", role: "member", scopes } as BodyOf<"inviteMember">;
    const { id } = await this.account();
    const reply = await (await this.api()).inviteMember({ path: { accountId: id }, body });
    return expectStatus(reply, 201).body.apiKey;
  }

  async plan(more: Partial<BodyOf<"createPlan">> = {}) {
    const body: BodyOf<"createPlan"> = { name: "Team", interval: "month", pricing: METERED.pricing, ...more };
    const reply = expectStatus(await (await this.api()).createPlan({ body }), 201);
    return { planId: reply.body.id, etag: reply.headers.etag ?? "" };
  }

  async archive(planId: string): Promise<void> {
    expectStatus(await (await this.api()).archivePlan({ path: { planId } }), 200);
  }

  async subscription(
    planId: string,
    more: Omit<BodyOf<"createSubscription">, "planId"> = {},
    key = newKey(),
  ) {
    const body = { planId, ...more };
    const reply = await (await this.api()).createSubscription({ headers: { "Idempotency-Key": key }, body });
    const { body: subscription, headers } = expectStatus(reply, 201);
    return { subscriptionId: subscription.id, etag: headers.etag ?? "" };
  }

  async cancel(subscriptionId: string, mode: "now" | "period_end"): Promise<void> {
    const reply = await (await this.api()).cancelSubscription({ path: { subscriptionId }, body: { mode } });
    expectStatus(reply, 200);
  }

  async usage(subscriptionId: string, eventId: string, quantity: string, occurredAt: string) {
    const body = { eventId, subscriptionId, meter: METERED.meter, quantity, occurredAt };
    return expectStatus(await (await this.api()).recordUsage({ body }), 201).body.id;
  }

  /** A subscription that bills nothing but what is put on its invoices. */
  async subscribed() {
    const { planId } = await this.plan(METERED);
    return { planId, ...(await this.subscription(planId, { startsAt: STARTED })) };
  }

  async draft(subscriptionId: string, unitPrices: readonly string[]) {
    const api = await this.api();
    const body = { subscriptionId };
    const drafted = await api.draftInvoice({ headers: { "Idempotency-Key": newKey() }, body });
    const { body: invoice, headers } = expectStatus(drafted, 201);
    let etag = headers.etag ?? "";
    for (const unitPrice of unitPrices) {
      const added = await api.addInvoiceLine({
        path: { invoiceId: invoice.id },
        headers: { "Idempotency-Key": newKey(), "If-Match": "*" },
        body: { description: "Support", quantity: "1", unitPrice },
      });
      etag = expectStatus(added, 201).headers.etag ?? "";
    }
    return { invoiceId: invoice.id, etag };
  }

  /** Finalizes, and waits for the workflow to end. */
  async finalize(invoiceId: string): Promise<void> {
    const api = await this.api();
    const path = { invoiceId };
    expectStatus(await api.finalizeInvoice({ path, headers: { "Idempotency-Key": newKey() } }), 202);
    await until(`invoice ${invoiceId} is finalized`, async () => {
      const { status } = expectStatus(await api.getInvoice({ path }), 200).body;
      return status === "finalizing" ? undefined : status;
    });
  }

  async openInvoice(unitPrice: string) {
    const { subscriptionId } = await this.subscribed();
    const { invoiceId } = await this.draft(subscriptionId, [unitPrice]);
    await this.finalize(invoiceId);
    return { subscriptionId, invoiceId };
  }

  async void(invoiceId: string): Promise<void> {
    expectStatus(await (await this.api()).voidInvoice({ path: { invoiceId } }), 200);
  }

  async pay(invoiceId: string, amount: number, method: PaymentMethod = "tok_ok", key = newKey()) {
    const body = { invoiceId, amount, method };
    const reply = await (await this.api()).createPayment({ headers: { "Idempotency-Key": key }, body });
    return expectStatus(reply, 201).body.id;
  }

  async refund(paymentId: string, amount: number) {
    const headers = { "Idempotency-Key": newKey() };
    const reply = await (await this.api()).refundPayment({
      path: { paymentId },
      headers,
      body: { amount, reason: "Two seats too many" },
    });
    return expectStatus(reply, 201).body.id;
  }

  /** A webhook that points to an inbox on this machine. */
  async webhook(events: readonly WebhookEvent[]) {
    const inbox = this.#receiver.open();
    const reply = await (await this.api()).createWebhook({ body: { url: inbox.url, events } });
    const { body, headers } = expectStatus(reply, 201);
    return { webhookId: body.webhook.id, etag: headers.etag ?? "", secret: body.secret, inbox };
  }

  /** The delivery of an event, once it has arrived. */
  async arrival(inbox: Inbox, secret: string, event: WebhookEvent): Promise<void> {
    this.delivery = await until(`${event} is delivered`, () => {
      const found = inbox.arrivals.find(({ text }) => text.includes(`"${event}"`)) ?? inbox.arrivals[0];
      return Promise.resolve(found && { ...found, signed: isSigned(found, secret) });
    });
  }
}

/** A plan that bills usage only. */
export const METERED = {
  name: "Pay as you go",
  meter: "api_calls",
  pricing: { model: "per_unit", unitPrice: "0.005" },
} as const;
/** When subscriptions began. */
export const STARTED = "2026-01-15T10:00:00.000Z";

export const newKey = (): string => `state-${randomUUID()}`;

/** Asks until there is an answer. @throws Error when there is none in time */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (let wait = 20; ; wait = Math.min(250, wait * 2)) {
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not in ${DEADLINE_MS / 1000} s: ${what}`);
    await pause(wait);
  }
}
