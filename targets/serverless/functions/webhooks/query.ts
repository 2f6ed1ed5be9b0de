import { type Handler, listReply, serve } from "../../lib/http.ts";
import { etagOf } from "../../lib/precondition.ts";
import { tables } from "../../lib/table.ts";
import { type DeliveryItem, deliveriesOf, type WebhookItem } from "./model.ts";
import { loadWebhook } from "./store.ts";

const listWebhooks: Handler = (call) => {
  const range = { table: tables.webhooks, pk: call.accountId, prefix: "whk_" };
  return listReply<WebhookItem>(call, range, (webhook) => webhook.doc);
};

const getWebhook: Handler = async (call) => {
  const webhook = await loadWebhook(call.accountId, call.path("webhookId"));
  return { status: 200, headers: { etag: etagOf(webhook.version) }, body: webhook.doc };
};

const listDeliveries: Handler = async (call) => {
  const webhook = await loadWebhook(call.accountId, call.path("webhookId"));
  const { event, status } = call.query;
  const range = {
    table: tables.webhooks,
    pk: call.accountId,
    prefix: deliveriesOf(webhook.sk),
    descending: true,
    filters: { "doc.event": event, "doc.status": status },
  };
  return listReply<DeliveryItem>(call, range, (delivery) => delivery.doc);
};

export const handler = serve({ listWebhooks, getWebhook, listDeliveries });
