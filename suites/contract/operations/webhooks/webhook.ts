import type { CallOf } from "../../../../openapi/client/index.ts";
import type { operations } from "../../../../openapi/generated/index.ts";
import type { Api, Case } from "../../case.ts";
import type { AnswerOf } from "../../lib/api.ts";
import { METERED, openInvoice, subscribe } from "../../lib/billing.ts";

export type NewWebhook = CallOf<operations["createWebhook"]>["body"];
export type Created = AnswerOf<"createWebhook", 201>["body"];
export type Webhook = Created["webhook"];
export type Delivery = AnswerOf<"listDeliveries", 200>["body"]["items"][number];
export type EventType = NewWebhook["events"][number];

export const EVERY: readonly EventType[] = [
  "invoice.failed",
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "payment.failed",
  "payment.refunded",
  "payment.succeeded",
  "subscription.canceled",
];

export const URL = "https://hooks.acme.example/cutover";
export const PAID: NewWebhook = { url: URL, events: ["invoice.paid"] };

export async function create(api: Api, body: NewWebhook): Promise<Created> {
  return (await api.createWebhook(201, { body })).body;
}

export async function readAll(api: Api): Promise<readonly Webhook[]> {
  return (await api.listWebhooks(200, { query: { limit: 100 } })).body.items;
}

export async function deliveries(api: Api, webhookId: string): Promise<readonly Delivery[]> {
  return (await api.listDeliveries(200, { path: { webhookId }, query: { limit: 100 } })).body.items;
}

/** An account without tax, and a subscription that bills nothing by itself. */
export async function payer(c: Case) {
  const tenant = await c.tenant({ taxRateBasisPoints: 0 });
  const { subscription } = await subscribe(c, tenant.api, METERED);
  return { tenant, api: tenant.api, open: () => openInvoice(c, tenant.api, subscription.id, "10") };
}
