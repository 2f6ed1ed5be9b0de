import { isDeepStrictEqual } from "node:util";
import { type Handler, serve } from "../../lib/http.ts";
import { isId, newId, randomText } from "../../lib/ids.ts";
import { applyPatch } from "../../lib/merge-patch.ts";
import { etagOf, requireMatch } from "../../lib/precondition.ts";
import { notFound } from "../../lib/problem.ts";
import { boolean, object, oneOf, text, uniqueSorted, validate } from "../../lib/schema.ts";
import { commit, insert, remove, replace, tables, untilUncontended } from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { eventTypes, type Webhook, type WebhookItem } from "./model.ts";
import { loadWebhook } from "./store.ts";
import { webhookUrl } from "./url.ts";

const url = webhookUrl(process.env.ALLOW_LOOPBACK_WEBHOOKS === "true");
const events = uniqueSorted(oneOf(eventTypes), 1, eventTypes.length);
const description = text(1, 200);

const newWebhook = object({ url, events }, { description, enabled: boolean });
const webhookPatch = object({ url, events, enabled: boolean }, { description });

const createWebhook: Handler = async (call) => {
  const wanted = validate(newWebhook, call.body);
  const createdAt = formatTime(call.now);
  const webhook: Webhook = {
    id: newId("whk", call.now),
    ...wanted,
    enabled: wanted.enabled ?? true,
    createdAt,
    updatedAt: createdAt,
  };
  const secret = `whsec_${randomText(40)}`;
  const item: WebhookItem = { pk: call.accountId, sk: webhook.id, version: 1, doc: webhook, secret };
  if (await commit([insert(tables.webhooks, { ...item })])) throw new Error("a new random id is taken");
  const headers = { etag: etagOf(1), location: `/webhooks/${webhook.id}` };
  return { status: 201, headers, body: { webhook, secret } };
};

const updateWebhook: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadWebhook(call.accountId, call.path("webhookId"));
    const { url, events, enabled, description, ...fixed } = stored.doc;
    const current = { url, events, enabled, ...(description !== undefined && { description }) };
    const patched = applyPatch(webhookPatch, current, call.body);
    requireMatch(call.ifMatch, stored.version);
    if (isDeepStrictEqual(current, patched)) return answer(stored.version, stored.doc);
    const webhook: Webhook = { ...fixed, ...patched, updatedAt: formatTime(call.now) };
    return (await commit([replace(tables.webhooks, stored, webhook)]))
      ? undefined
      : answer(stored.version + 1, webhook);
  });

const answer = (version: number, webhook: Webhook) => ({
  status: 200,
  headers: { etag: etagOf(version) },
  body: webhook,
});

/** Its pending deliveries find no webhook any more, and are dropped by whoever was to make them. */
const deleteWebhook: Handler = async (call) => {
  const key = { pk: call.accountId, sk: call.path("webhookId") };
  if (!isId("whk", key.sk) || (await commit([remove(tables.webhooks, key)]))) throw notFound("webhook");
  return { status: 204 };
};

export const handler = serve({ createWebhook, updateWebhook, deleteWebhook });
