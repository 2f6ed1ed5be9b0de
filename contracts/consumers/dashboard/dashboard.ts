import { expectStatus } from "../../../openapi/client/index.ts";
import type { Api } from "../consumer.ts";
import { problemOf } from "../problem.ts";

/** The web dashboard: lists, pages and money, read only. */

const money = (minor: number, currency: string): string => `${minor} ${currency}`;

/** Who is logged in, or why nobody is. */
export async function header(api: Api, accountId: string) {
  const reply = await api.getAccount({ path: { accountId } });
  if (reply.kind === "documented" && reply.status === 200)
    return { title: reply.body.name, currency: reply.body.currency };
  const challenge = reply.kind === "unreachable" ? "" : (reply.headers["www-authenticate"] ?? "");
  return { problem: problemOf(reply), login: challenge.startsWith("Bearer") };
}

export async function team(api: Api, accountId: string) {
  const { items } = expectStatus(await api.listMembers({ path: { accountId } }), 200).body;
  return items.map(({ email, role, scopes }) => ({ email, role, mayRead: scopes.includes("invoices:read") }));
}

export async function priceList(api: Api) {
  const { items } = expectStatus(await api.listPlans({ query: { status: "active" } }), 200).body;
  return items.map(({ id, name, interval, currency, status }) => ({
    ...{ id, currency },
    label: `${name} (${interval}, ${status})`,
  }));
}

export async function morePlans(api: Api, cursor: string) {
  return problemOf(await api.listPlans({ query: { cursor } }));
}

export async function planCard(api: Api, planId: string) {
  const reply = await api.getPlan({ path: { planId } });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  const { name, pricing } = reply.body;
  return { name, price: pricing.model === "per_unit" ? pricing.unitPrice : pricing.model };
}

/** What so much would cost. */
export async function priceOf(api: Api, planId: string, quantity: string) {
  const { body } = expectStatus(await api.quotePlan({ path: { planId }, body: { quantity } }), 200);
  return {
    net: money(body.subtotal, body.currency),
    tax: money(body.tax, body.currency),
    gross: money(body.total, body.currency),
    lines: body.lines.map((line) => `${line.quantity} × ${line.unitPrice} = ${line.amount}`),
  };
}

export async function subscriptions(api: Api, status: "active" | "canceled") {
  const { items } = expectStatus(await api.listSubscriptions({ query: { status } }), 200).body;
  return items.map(({ id, planId, quantity, status, startsAt }) => ({
    ...{ id, planId, quantity },
    since: `${status} since ${startsAt.slice(0, 10)}`,
  }));
}

/** A subscription that ends shows when. */
export async function subscriptionCard(api: Api, subscriptionId: string) {
  const { body } = expectStatus(await api.getSubscription({ path: { subscriptionId } }), 200);
  return { status: body.status, ends: body.endsAt?.slice(0, 10) };
}

/** One page of invoices, and where the next begins. */
export async function invoicePage(
  api: Api,
  query: { readonly subscriptionId: string; readonly limit: number; readonly cursor?: string },
) {
  const reply = await api.listInvoices({ query });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  return {
    rows: reply.body.items.map(({ id, status, total, currency }) => ({
      ...{ id, status },
      total: money(total, currency),
    })),
    next: reply.body.nextCursor,
  };
}

export async function invoiceView(api: Api, invoiceId: string) {
  const reply = await api.getInvoice({ path: { invoiceId } });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  const { number, status, currency, lines, subtotal, tax, total, amountDue, finalizedAt } = reply.body;
  return {
    title: `Invoice ${number}, ${status}`,
    dated: finalizedAt?.slice(0, 10),
    rows: lines.map((line) => `${line.description}: ${money(line.amount, currency)}`),
    sums: [subtotal, tax, total, amountDue].map((sum) => money(sum, currency)),
  };
}

export async function paymentsOf(api: Api, invoiceId: string) {
  const { items } = expectStatus(await api.listPayments({ query: { invoiceId } }), 200).body;
  return items.map(({ id, amount, currency, status, createdAt }) => ({
    ...{ id, status },
    paid: `${money(amount, currency)} on ${createdAt.slice(0, 10)}`,
  }));
}

export async function paymentView(api: Api, paymentId: string) {
  const { body } = expectStatus(await api.getPayment({ path: { paymentId } }), 200);
  return { kept: body.amount - body.refundedAmount, status: body.status };
}

export async function refundsOf(api: Api, paymentId: string) {
  const { items } = expectStatus(await api.listRefunds({ path: { paymentId } }), 200).body;
  return items.map(({ amount, currency, reason }) => `${money(amount, currency)}: ${reason ?? ""}`);
}

export async function usageChart(
  api: Api,
  subscriptionId: string,
  range: { readonly from: string; readonly to: string; readonly granularity: "hour" | "day" | "month" },
) {
  const reply = await api.getUsageSummary({
    path: { subscriptionId },
    query: { meter: "api_calls", ...range },
  });
  if (reply.kind !== "documented" || reply.status !== 200) return { problem: problemOf(reply) };
  const { buckets, total, count } = reply.body;
  return { bars: buckets.map(({ start, quantity }) => `${start.slice(0, 10)} ${quantity}`), total, count };
}

export async function usageLog(api: Api, subscriptionId: string) {
  const { items } = expectStatus(await api.listUsageEvents({ query: { subscriptionId } }), 200).body;
  return items.map(({ meter, quantity, occurredAt }) => `${occurredAt} ${quantity} ${meter}`);
}
