import type { CallOf } from "../../../openapi/client/index.ts";
import type { operations } from "../../../openapi/generated/index.ts";
import type { Case } from "../case.ts";
import type { AnswerOf, Api } from "./api.ts";
import { type PricedLine, pricedLine, totals } from "./arithmetic.ts";
import { anId, justNow } from "./match.ts";

type BodyOf<Id extends keyof operations> = CallOf<operations[Id]>["body"];
export type NewPlan = BodyOf<"createPlan">;
export type Invoice = AnswerOf<"getInvoice", 200>["body"];
export type Payment = AnswerOf<"getPayment", 200>["body"];
export type Plan = AnswerOf<"createPlan", 201>["body"];
export type Subscription = AnswerOf<"createSubscription", 201>["body"];

/** Bills 49.00 for each period. */
export const FLAT: NewPlan = { name: "Team", interval: "month", pricing: { model: "flat", amount: 4900 } };
/** Bills nothing but usage, at half a cent. */
export const METERED: NewPlan = {
  name: "Pay as you go",
  interval: "month",
  meter: "api_calls",
  pricing: { model: "per_unit", unitPrice: "0.005" },
};
/** When subscriptions began, unless told: at the end of a month, so that periods are clamped. */
export const STARTED = "2026-01-31T09:30:00.000Z";

export interface Subscribed {
  readonly plan: Plan;
  readonly subscription: Subscription;
}

/** A new plan and a subscription to it. */
export async function subscribe(
  c: Case,
  api: Api,
  plan: NewPlan = FLAT,
  given: Partial<BodyOf<"createSubscription">> = {},
): Promise<Subscribed> {
  const created = await api.createPlan(201, { body: plan });
  return { plan: created.body, subscription: await subscribeTo(c, api, created.body.id, given) };
}

/** A subscription to a plan that is there. */
export async function subscribeTo(
  c: Case,
  api: Api,
  planId: string,
  given: Partial<BodyOf<"createSubscription">> = {},
): Promise<Subscription> {
  const body = { planId, startsAt: STARTED, ...given };
  return (await api.createSubscription(201, { headers: withKey(c), body })).body;
}

/** A new Idempotency-Key, as headers. */
export function withKey(c: Case): { readonly "Idempotency-Key": string } {
  return { "Idempotency-Key": c.newKey() };
}

export function draft(
  c: Case,
  api: Api,
  subscriptionId: string,
  more: Partial<BodyOf<"draftInvoice">> = {},
): Promise<AnswerOf<"draftInvoice", 201>> {
  return api.draftInvoice(201, { headers: withKey(c), body: { subscriptionId, ...more } });
}

export type NewLine = BodyOf<"addInvoiceLine">;

/** Adds a line, whatever the invoice's ETag. */
export function addLine(
  c: Case,
  api: Api,
  invoiceId: string,
  body: NewLine,
): Promise<AnswerOf<"addInvoiceLine", 201>> {
  const headers = { ...withKey(c), "If-Match": "*" };
  return api.addInvoiceLine(201, { path: { invoiceId }, headers, body });
}

/** Finalizes, and waits for the workflow to end. */
export async function finalize(c: Case, api: Api, invoiceId: string): Promise<AnswerOf<"getInvoice", 200>> {
  await api.finalizeInvoice(202, { path: { invoiceId }, headers: withKey(c) });
  return settled(c, api, invoiceId);
}

/** The invoice once the workflow has ended. */
export function settled(c: Case, api: Api, invoiceId: string): Promise<AnswerOf<"getInvoice", 200>> {
  let times = 0;
  return c.until(`invoice ${invoiceId} to be no longer finalizing`, async () => {
    // No workflow ends at once: the first question would be for nothing.
    times += 1;
    if (times === 1) return undefined;
    const reply = await api.getInvoice(200, { path: { invoiceId } });
    return reply.body.status === "finalizing" ? undefined : reply;
  });
}

/** An open invoice over one manual line. Of a subscription without anything else to bill that is all it has. */
export async function openInvoice(
  c: Case,
  api: Api,
  subscriptionId: string,
  unitPrice: string,
): Promise<Invoice> {
  const { body } = await draft(c, api, subscriptionId);
  await addLine(c, api, body.id, { description: "Work", quantity: "1", unitPrice });
  return (await finalize(c, api, body.id)).body;
}

/** Pays; the token decides what comes of it. */
export function pay(
  c: Case,
  api: Api,
  invoiceId: string,
  amount: number,
  method: BodyOf<"createPayment">["method"] = "tok_ok",
): Promise<AnswerOf<"createPayment", 201>> {
  return api.createPayment(201, { headers: withKey(c), body: { invoiceId, amount, method } });
}

/** Gives back some of a payment. */
export function refund(
  c: Case,
  api: Api,
  paymentId: string,
  amount: number,
): Promise<AnswerOf<"refundPayment", 201>> {
  return api.refundPayment(201, { path: { paymentId }, headers: withKey(c), body: { amount } });
}

/** A new draft as it has to be, its id and times left open. */
export function draftOf(
  subscriptionId: string,
  more: Partial<Invoice> & Pick<Invoice, "periodStart" | "periodEnd">,
): Readonly<Record<string, unknown>> {
  return {
    id: anId("inv"),
    subscriptionId,
    status: "draft",
    currency: "EUR",
    taxRateBasisPoints: 1900,
    ...more,
    ...due([]),
    createdAt: justNow(),
    updatedAt: justNow(),
  };
}

/** A line as it has to be on an invoice. */
export function lineOf(
  kind: "manual" | "usage" | "recurring",
  { description, quantity, unitPrice }: NewLine,
  { currency, taxRateBasisPoints }: Pick<Invoice, "currency" | "taxRateBasisPoints">,
) {
  return {
    id: anId("line"),
    kind,
    description,
    ...pricedLine(quantity, unitPrice, currency, taxRateBasisPoints),
  };
}

/** Lines and what follows from them. */
export function due<Line extends Pick<PricedLine, "amount" | "taxAmount">>(
  lines: readonly Line[],
  amountPaid = 0,
) {
  const sums = totals(lines);
  return { lines, ...sums, amountPaid, amountDue: sums.total - amountPaid };
}
