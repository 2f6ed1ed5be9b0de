import { expectStatus } from "../../../openapi/client/index.ts";
import type { Api } from "../consumer.ts";
import { problemOf } from "../problem.ts";

/** The mobile app: a few fields of each reply, and retries, because the network comes and goes. */

export async function signUp(api: Api, given: { readonly name: string; readonly email: string }) {
  const reply = await api.createAccount({ body: { ...given, currency: "EUR" } });
  if (reply.kind === "documented" && reply.status === 201)
    return { accountId: reply.body.account.id, apiKey: reply.body.apiKey };
  if (reply.kind === "documented" && reply.status === 422)
    return { problem: problemOf(reply), fields: (reply.body.errors ?? []).map(({ pointer }) => pointer) };
  return { problem: problemOf(reply) };
}

export async function plans(api: Api) {
  const { items } = expectStatus(await api.listPlans({ query: { limit: 5 } }), 200).body;
  return items.map(({ id, name }) => ({ id, name }));
}

export async function priceTag(api: Api, planId: string) {
  const { total, currency } = expectStatus(
    await api.quotePlan({ path: { planId }, body: { quantity: "1" } }),
    200,
  ).body;
  return `${total} ${currency}`;
}

/** Subscribes; called again with the same key it must not subscribe twice. */
export async function subscribe(api: Api, planId: string, quantity: string, key: string) {
  const reply = await api.createSubscription({
    headers: { "Idempotency-Key": key },
    body: { planId, quantity },
  });
  if (reply.kind !== "documented" || reply.status !== 201) return { problem: problemOf(reply) };
  return { id: reply.body.id, status: reply.body.status, again: reply.headers["idempotency-replayed"] };
}

/** What it is now, and the tag that a change of it needs. */
export async function mySubscription(api: Api, subscriptionId: string) {
  const { body, headers } = expectStatus(await api.getSubscription({ path: { subscriptionId } }), 200);
  return { planId: body.planId, quantity: body.quantity, status: body.status, tag: headers.etag };
}

export async function upgrade(api: Api, subscriptionId: string, planId: string, tag: string) {
  const reply = await api.changeSubscription({
    path: { subscriptionId },
    headers: { "If-Match": tag },
    body: { planId, effectiveAt: "2026-01-16T10:00:00.000Z" },
  });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  const { subscription, proration } = reply.body;
  return { planId: subscription.planId, due: `${proration.net} ${proration.currency}` };
}

export async function cancel(api: Api, subscriptionId: string) {
  const reply = await api.cancelSubscription({ path: { subscriptionId }, body: { mode: "period_end" } });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  return { status: reply.body.status, until: reply.body.endsAt };
}

export async function resume(api: Api, subscriptionId: string) {
  const reply = await api.resumeSubscription({ path: { subscriptionId } });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  return { status: reply.body.status };
}

export async function owed(api: Api, invoiceId: string) {
  const { body } = expectStatus(await api.getInvoice({ path: { invoiceId } }), 200);
  return { status: body.status, due: body.amountDue };
}

/** Pays; a retry carries the same key. */
export async function pay(
  api: Api,
  given: {
    readonly invoiceId: string;
    readonly amount: number;
    readonly method: "tok_ok" | "tok_declined";
    readonly key: string;
  },
) {
  const { key, ...body } = given;
  const reply = await api.createPayment({ headers: { "Idempotency-Key": key }, body });
  if (reply.kind !== "documented" || reply.status !== 201) return { problem: problemOf(reply) };
  const { id, status, failureReason } = reply.body;
  return { id, status, failureReason, again: reply.headers["idempotency-replayed"] };
}

export async function receipt(api: Api, paymentId: string) {
  const reply = await api.getPayment({ path: { paymentId } });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  return { status: reply.body.status, amount: reply.body.amount };
}

/** Reports what was used; the same event again is no second one. */
export async function report(api: Api, subscriptionId: string, eventId: string) {
  const body = {
    ...{ eventId, subscriptionId, meter: "api_calls" },
    quantity: "1.5",
    occurredAt: "2026-01-20T06:00:00.000Z",
  };
  const reply = await api.recordUsage({ body });
  if (reply.kind !== "documented" || (reply.status !== 200 && reply.status !== 201))
    return { problem: problemOf(reply) };
  return { id: reply.body.id, known: reply.status === 200 };
}

/** What the push service tells the user when a payment fails. */
export function failedPayment(event: {
  readonly type: string;
  readonly data: { readonly invoiceId: string; readonly failureReason: string };
}) {
  return event.type === "payment.failed"
    ? { open: `/invoices/${event.data.invoiceId}`, text: `Payment failed: ${event.data.failureReason}` }
    : undefined;
}
