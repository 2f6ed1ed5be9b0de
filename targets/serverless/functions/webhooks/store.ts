import { isId } from "../../lib/ids.ts";
import { notFound } from "../../lib/problem.ts";
import { read, tables } from "../../lib/table.ts";
import type { WebhookItem } from "./model.ts";

/** @throws Problem 404 */
export async function loadWebhook(accountId: string, id: string): Promise<WebhookItem> {
  const webhook = isId("whk", id)
    ? await read<WebhookItem>(tables.webhooks, { pk: accountId, sk: id })
    : undefined;
  if (!webhook) throw notFound("webhook");
  return webhook;
}
