import { isDeepStrictEqual } from "node:util";
import type { Queryable } from "../db/database.ts";
import { one } from "../db/one.ts";
import { newId, randomText } from "../domain/ids.ts";
import { created, found } from "../http/answers.ts";
import { requireMatch } from "../http/etag.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { applyPatch } from "../http/patch.ts";
import { notFound } from "../http/problem.ts";
import { choice, filter } from "../validation/query.ts";
import { deliveryBody, deliveryStatuses } from "./delivery.ts";
import { eventTypes } from "./events.ts";
import { patchableWebhook, type WebhookRow, webhookBody, webhookSchemas } from "./webhook.ts";

const listWebhooks = listOperation({
  id: "listWebhooks",
  path: "/webhooks",
  scope: "webhooks:read",
  filters: {},
  source: ({ accountId }) => ({
    select: "SELECT * FROM webhooks",
    where: [["account_id =", accountId]],
    sort: "created_at",
    direction: "ASC",
  }),
  item: webhookBody,
});

const createWebhook = operation({
  id: "createWebhook",
  method: "POST",
  path: "/webhooks",
  scope: "webhooks:write",
  body: "application/json",
  async handle({ db, accountId, body, now, allowLoopbackWebhooks }) {
    const input = readBody(webhookSchemas(allowLoopbackWebhooks).created, body);
    const row = await one<WebhookRow>(
      db,
      `INSERT INTO webhooks (id, account_id, url, events, description, enabled, secret, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING *`,
      [
        newId("whk"),
        accountId,
        input.url,
        input.events,
        input.description,
        input.enabled,
        `whsec_${randomText(40)}`,
        now,
      ],
    );
    const webhook = webhookBody(row);
    return { ...created(webhook, "/webhooks"), body: { webhook, secret: row.secret } };
  },
});

const getWebhook = operation({
  id: "getWebhook",
  method: "GET",
  path: "/webhooks/{webhookId}",
  scope: "webhooks:read",
  async handle({ db, accountId, params }) {
    return found(webhookBody(await findWebhook(db, accountId, params.webhookId)));
  },
});

const updateWebhook = operation({
  id: "updateWebhook",
  method: "PATCH",
  path: "/webhooks/{webhookId}",
  scope: "webhooks:write",
  body: "application/merge-patch+json",
  async handle({ db, accountId, params, body, ifMatch, now, allowLoopbackWebhooks }) {
    const row = await findWebhook(db, accountId, params.webhookId, "FOR NO KEY UPDATE");
    const { patch, patched } = webhookSchemas(allowLoopbackWebhooks);
    const input = applyPatch(patch, patched, patchableWebhook(row), body);
    requireMatch(ifMatch, webhookBody(row));
    const next: WebhookRow = { ...row, ...input, description: input.description ?? null };
    if (isDeepStrictEqual(webhookBody(next), webhookBody(row))) return found(webhookBody(row));
    next.updated_at = now;
    await db.run(
      "UPDATE webhooks SET url = $2, events = $3, description = $4, enabled = $5, updated_at = $6 WHERE id = $1",
      [row.id, next.url, next.events, next.description, next.enabled, now],
    );
    return found(webhookBody(next));
  },
});

const deleteWebhook = operation({
  id: "deleteWebhook",
  method: "DELETE",
  path: "/webhooks/{webhookId}",
  scope: "webhooks:write",
  async handle({ db, accountId, params }) {
    // Its deliveries go with it, pending ones included.
    const deleted = await db.run("DELETE FROM webhooks WHERE account_id = $1 AND id = $2", [
      accountId,
      params.webhookId,
    ]);
    if (deleted === 0) throw notFound();
    return { status: 204 };
  },
});

const listDeliveries = listOperation({
  id: "listDeliveries",
  path: "/webhooks/{webhookId}/deliveries",
  scope: "webhooks:read",
  filters: { event: filter(choice(eventTypes)), status: filter(choice(deliveryStatuses)) },
  async source({ db, accountId, params, query }) {
    const { id } = await findWebhook(db, accountId, params.webhookId);
    return {
      select: "SELECT * FROM deliveries",
      where: [
        ["webhook_id =", id],
        ["event =", query.event],
        ["status =", query.status],
      ],
      sort: "created_at",
      direction: "DESC",
    };
  },
  item: deliveryBody,
});

async function findWebhook(
  db: Queryable,
  accountId: string,
  id: string | undefined,
  lock: "" | "FOR NO KEY UPDATE" = "",
): Promise<WebhookRow> {
  const row = await db.row<WebhookRow>(`SELECT * FROM webhooks WHERE account_id = $1 AND id = $2 ${lock}`, [
    accountId,
    id,
  ]);
  if (row === undefined) throw notFound();
  return row;
}

export const webhookOperations: readonly Operation[] = [
  listWebhooks,
  createWebhook,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  listDeliveries,
];
