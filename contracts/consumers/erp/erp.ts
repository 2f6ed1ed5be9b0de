import { expectStatus } from "../../../openapi/client/index.ts";
import type { Api } from "../consumer.ts";
import { problemOf } from "../problem.ts";

/** A partner's ERP: it writes invoices, books payments, and is told by webhooks. */

const key = (purpose: string) => ({ "Idempotency-Key": `erp-${purpose}` });

export async function openInvoices(api: Api) {
  const { items } = expectStatus(await api.listInvoices({ query: { status: "open" } }), 200).body;
  return items.map(({ id, number, amountDue, currency }) => ({ id, number, due: amountDue, currency }));
}

/** A whole invoice as the ledger books it. */
export async function ledgerEntry(api: Api, invoiceId: string) {
  const { body } = expectStatus(await api.getInvoice({ path: { invoiceId } }), 200);
  return {
    document: `${body.number} of ${body.periodStart.slice(0, 7)}`,
    subscription: body.subscriptionId,
    rate: body.taxRateBasisPoints / 100,
    rows: body.lines.map(({ kind, quantity, unitPrice, amount, taxAmount }) => ({
      text: `${kind}: ${quantity} at ${unitPrice}`,
      ...{ amount, taxAmount },
    })),
    balance: [body.total, body.amountPaid, body.amountDue],
    currency: body.currency,
  };
}

export async function draft(api: Api, subscriptionId: string, memo: string) {
  const reply = await api.draftInvoice({ headers: key("draft"), body: { subscriptionId, memo } });
  const { body, headers } = expectStatus(reply, 201);
  return { id: body.id, status: body.status, memo: body.memo, tag: headers.etag, at: headers.location };
}

/** Adds a line; without the tag the platform has to refuse it, or lines of two clerks would mix. */
export async function addLine(api: Api, invoiceId: string, tag: string | undefined) {
  const reply = await api.send("addInvoiceLine", {
    path: { invoiceId },
    headers: { ...key("line"), "If-Match": tag },
    body: { description: "Support", quantity: "2.5", unitPrice: "10.1" },
  });
  if (reply.kind !== "documented" || reply.status !== 201) return { problem: problemOf(reply) };
  const body = reply.body as {
    readonly lines: readonly { readonly amount: number }[];
    readonly total: number;
  };
  return { amounts: body.lines.map(({ amount }) => amount), total: body.total, tag: reply.headers.etag };
}

export async function finalize(api: Api, invoiceId: string) {
  const reply = await api.finalizeInvoice({ path: { invoiceId }, headers: key("finalize") });
  if (reply.kind !== "documented" || reply.status !== 202) return { problem: problemOf(reply) };
  return { status: reply.body.status, at: reply.headers.location, after: reply.headers["retry-after"] };
}

export async function withdraw(api: Api, invoiceId: string) {
  const reply = await api.voidInvoice({ path: { invoiceId } });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  return { status: reply.body.status, number: reply.body.number };
}

export async function book(api: Api, invoiceId: string, amount: number) {
  const body = { invoiceId, amount, method: "tok_ok" } as const;
  const reply = await api.createPayment({ headers: key("payment"), body });
  const payment = expectStatus(reply, 201).body;
  return { id: payment.id, booked: `${payment.amount} ${payment.currency}`, on: payment.createdAt };
}

export async function refund(api: Api, paymentId: string, amount: number) {
  const reply = await api.refundPayment({ path: { paymentId }, headers: key("refund"), body: { amount } });
  if (reply.kind !== "documented" || reply.status !== 201) return { problem: problemOf(reply) };
  return { id: reply.body.id, amount: reply.body.amount, status: reply.body.status };
}

export async function refundSlip(api: Api, refundId: string) {
  const { body } = expectStatus(await api.getRefund({ path: { refundId } }), 200);
  return { payment: body.paymentId, amount: body.amount, on: body.createdAt };
}

export async function bookings(api: Api) {
  const { items } = expectStatus(await api.listPayments({ query: { status: "succeeded" } }), 200).body;
  return items.map(({ invoiceId, amount, refundedAmount }) => ({ invoiceId, net: amount - refundedAmount }));
}

export async function listen(api: Api, url: string) {
  const reply = await api.createWebhook({ body: { url, events: ["invoice.finalized", "invoice.paid"] } });
  if (reply.kind !== "documented" || reply.status !== 201) return { problem: problemOf(reply) };
  return { id: reply.body.webhook.id, secret: reply.body.secret };
}

export async function listeners(api: Api) {
  const { items } = expectStatus(await api.listWebhooks(), 200).body;
  return items.map(({ id, url, events, enabled }) => ({ id, url, events, enabled }));
}

export async function listener(api: Api, webhookId: string) {
  const { body, headers } = expectStatus(await api.getWebhook({ path: { webhookId } }), 200);
  return { enabled: body.enabled, tag: headers.etag };
}

export async function mute(api: Api, webhookId: string, tag: string) {
  const reply = await api.updateWebhook({
    path: { webhookId },
    headers: { "If-Match": tag },
    body: { enabled: false },
  });
  return { enabled: expectStatus(reply, 200).body.enabled };
}

export async function leave(api: Api, webhookId: string) {
  const reply = await api.deleteWebhook({ path: { webhookId } });
  return reply.kind === "documented" && reply.status === 204 ? "left" : problemOf(reply);
}

export async function deliveries(api: Api, webhookId: string) {
  const { items } = expectStatus(
    await api.listDeliveries({ path: { webhookId }, query: { event: "subscription.canceled" } }),
    200,
  ).body;
  return items.map(({ eventId, resourceId, status, attempts }) => ({
    ...{ eventId, resourceId, status },
    answers: attempts.map((attempt) =>
      "responseStatus" in attempt ? attempt.responseStatus : attempt.error,
    ),
  }));
}

/** Sends what its meters counted; bad readings are reported, good ones are kept. */
export async function sendUsage(api: Api, events: readonly unknown[]) {
  const reply = await api.send("recordUsageBatch", { body: { events } });
  const { items } = expectStatus(reply, 200).body as {
    readonly items: readonly { readonly index: number; readonly status: string }[];
  };
  return items.map(({ index, status }) => `${index} ${status}`);
}

interface InvoiceEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly data: { readonly id: string; readonly [name: string]: unknown };
}

/** Books an event once, however often it is delivered: `id` is what it is recognised by. */
export function invoiceEvent({ id, type, createdAt, data }: InvoiceEvent) {
  const { number, status, total, currency } = data;
  return { once: id, type, createdAt, invoice: data.id, number, status, total, currency };
}

export function failedInvoice({ id, type, data }: InvoiceEvent) {
  return { once: id, type, invoice: data.id, why: data.failureReason };
}

export function paymentEvent({ id, type, data }: InvoiceEvent) {
  const { invoiceId, amount, refundedAmount, status } = data;
  return { once: id, type, payment: data.id, invoiceId, amount, refundedAmount, status };
}

export function canceledSubscription({ id, type, data }: InvoiceEvent) {
  return { once: id, type, subscription: data.id, since: data.canceledAt };
}
