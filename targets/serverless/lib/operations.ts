import { cursorText, idText, limitText, matchingText, oneOfText, type QuerySpec, timeText } from "./query.ts";

/** What the gateway-facing side of an operation promises; the handlers hold the rest. */
export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As in the template's routes. */
  readonly path: string;
  /** Absent: public. */
  readonly scope?: string;
  readonly body?: "application/json" | "application/merge-patch+json";
  readonly query?: QuerySpec;
  /** A list with `limit` and `cursor`. */
  readonly list?: true;
  /** Takes an `Idempotency-Key`. */
  readonly once?: true;
}

const json = "application/json";
const patch = "application/merge-patch+json";
const paging = { limit: limitText, cursor: cursorText };
const list = (filters: QuerySpec["parameters"] = {}) =>
  ({ method: "GET", query: { parameters: { ...paging, ...filters } }, list: true }) as const;
const meter = matchingText(/^[a-z][a-z0-9_]{0,31}$/);
const webhookEvent = oneOfText(
  "invoice.finalized",
  "invoice.failed",
  "invoice.voided",
  "invoice.paid",
  "payment.succeeded",
  "payment.failed",
  "payment.refunded",
  "subscription.canceled",
);
const invoiceStatus = oneOfText("draft", "finalizing", "open", "paid", "failed", "void");

/** The 42 operations. Functions add handlers; a test holds the template's routes to this table. */
export const operations = {
  createAccount: { method: "POST", path: "/accounts", body: json },
  getAccount: { method: "GET", path: "/accounts/{accountId}", scope: "accounts:read" },
  updateAccount: { method: "PATCH", path: "/accounts/{accountId}", scope: "accounts:write", body: patch },
  listMembers: { ...list(), path: "/accounts/{accountId}/members", scope: "accounts:read" },
  inviteMember: {
    method: "POST",
    path: "/accounts/{accountId}/members",
    scope: "accounts:write",
    body: json,
  },
  removeMember: {
    method: "DELETE",
    path: "/accounts/{accountId}/members/{memberId}",
    scope: "accounts:write",
  },

  listPlans: { ...list({ status: oneOfText("active", "archived") }), path: "/plans", scope: "catalog:read" },
  createPlan: { method: "POST", path: "/plans", scope: "catalog:write", body: json },
  getPlan: { method: "GET", path: "/plans/{planId}", scope: "catalog:read" },
  updatePlan: { method: "PATCH", path: "/plans/{planId}", scope: "catalog:write", body: patch },
  archivePlan: { method: "POST", path: "/plans/{planId}/archive", scope: "catalog:write" },
  quotePlan: { method: "POST", path: "/plans/{planId}/quote", scope: "catalog:read", body: json },

  listSubscriptions: {
    ...list({ status: oneOfText("active", "canceling", "canceled"), planId: idText("plan") }),
    path: "/subscriptions",
    scope: "subscriptions:read",
  },
  createSubscription: {
    method: "POST",
    path: "/subscriptions",
    scope: "subscriptions:write",
    body: json,
    once: true,
  },
  getSubscription: { method: "GET", path: "/subscriptions/{subscriptionId}", scope: "subscriptions:read" },
  changeSubscription: {
    method: "POST",
    path: "/subscriptions/{subscriptionId}/change",
    scope: "subscriptions:write",
    body: json,
  },
  cancelSubscription: {
    method: "POST",
    path: "/subscriptions/{subscriptionId}/cancel",
    scope: "subscriptions:write",
    body: json,
  },
  resumeSubscription: {
    method: "POST",
    path: "/subscriptions/{subscriptionId}/resume",
    scope: "subscriptions:write",
  },

  recordUsage: { method: "POST", path: "/usage/events", scope: "usage:write", body: json },
  recordUsageBatch: { method: "POST", path: "/usage/events/batch", scope: "usage:write", body: json },
  listUsageEvents: {
    ...list({ subscriptionId: idText("sub"), meter, from: timeText, to: timeText }),
    path: "/usage/events",
    scope: "usage:read",
  },
  getUsageEvent: { method: "GET", path: "/usage/events/{usageEventId}", scope: "usage:read" },
  voidUsageEvent: { method: "DELETE", path: "/usage/events/{usageEventId}", scope: "usage:write" },
  getUsageSummary: {
    method: "GET",
    path: "/subscriptions/{subscriptionId}/usage-summary",
    scope: "usage:read",
    query: {
      parameters: { meter, from: timeText, to: timeText, granularity: oneOfText("hour", "day", "month") },
      required: ["meter", "from", "to", "granularity"],
    },
  },

  listInvoices: {
    ...list({ status: invoiceStatus, subscriptionId: idText("sub") }),
    path: "/invoices",
    scope: "invoices:read",
  },
  draftInvoice: { method: "POST", path: "/invoices", scope: "invoices:write", body: json, once: true },
  getInvoice: { method: "GET", path: "/invoices/{invoiceId}", scope: "invoices:read" },
  addInvoiceLine: {
    method: "POST",
    path: "/invoices/{invoiceId}/lines",
    scope: "invoices:write",
    body: json,
    once: true,
  },
  finalizeInvoice: {
    method: "POST",
    path: "/invoices/{invoiceId}/finalize",
    scope: "invoices:write",
    once: true,
  },
  voidInvoice: { method: "POST", path: "/invoices/{invoiceId}/void", scope: "invoices:write" },

  listPayments: {
    ...list({ invoiceId: idText("inv"), status: oneOfText("succeeded", "failed") }),
    path: "/payments",
    scope: "payments:read",
  },
  createPayment: { method: "POST", path: "/payments", scope: "payments:write", body: json, once: true },
  getPayment: { method: "GET", path: "/payments/{paymentId}", scope: "payments:read" },
  refundPayment: {
    method: "POST",
    path: "/payments/{paymentId}/refunds",
    scope: "payments:write",
    body: json,
    once: true,
  },
  listRefunds: { ...list(), path: "/payments/{paymentId}/refunds", scope: "payments:read" },
  getRefund: { method: "GET", path: "/refunds/{refundId}", scope: "payments:read" },

  listWebhooks: { ...list(), path: "/webhooks", scope: "webhooks:read" },
  createWebhook: { method: "POST", path: "/webhooks", scope: "webhooks:write", body: json },
  getWebhook: { method: "GET", path: "/webhooks/{webhookId}", scope: "webhooks:read" },
  updateWebhook: { method: "PATCH", path: "/webhooks/{webhookId}", scope: "webhooks:write", body: patch },
  deleteWebhook: { method: "DELETE", path: "/webhooks/{webhookId}", scope: "webhooks:write" },
  listDeliveries: {
    ...list({ event: webhookEvent, status: oneOfText("pending", "succeeded", "failed") }),
    path: "/webhooks/{webhookId}/deliveries",
    scope: "webhooks:read",
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;

/** The documented methods of each path, in the table's order: what `Allow` says. */
export const methodsOf: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(operations).map(({ path }) => [
    path,
    Object.values(operations).flatMap((each) => (each.path === path ? [each.method] : [])),
  ]),
);

/** Which operation a method of a path is. */
export const operationAt: ReadonlyMap<string, OperationId> = new Map(
  Object.entries(operations).map(([id, { method, path }]) => [`${method} ${path}`, id as OperationId]),
);
