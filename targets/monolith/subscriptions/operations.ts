import type { PlanRow } from "../catalog/plan.ts";
import { one } from "../db/one.ts";
import { formatDecimal } from "../domain/decimal.ts";
import { newId } from "../domain/ids.ts";
import { periodAt } from "../domain/periods.ts";
import { created, found } from "../http/answers.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { conflict, invalidAt, notFound } from "../http/problem.ts";
import { choice, filter, idOf } from "../validation/query.ts";
import { publish } from "../webhooks/events.ts";
import { changeSubscription } from "./change.ts";
import { findSubscription, lockSubscription, planOf } from "./store.ts";
import {
  cancellation,
  newSubscription,
  type SubscriptionRow,
  subscriptionBody,
  subscriptionStatuses,
} from "./subscription.ts";

const listSubscriptions = listOperation({
  id: "listSubscriptions",
  path: "/subscriptions",
  scope: "subscriptions:read",
  filters: { status: filter(choice(subscriptionStatuses)), planId: filter(idOf("plan")) },
  source: ({ accountId, query }) => ({
    select: "SELECT * FROM subscriptions",
    where: [
      ["account_id =", accountId],
      ["status =", query.status],
      ["plan_id =", query.planId],
    ],
    sort: "created_at",
    direction: "DESC",
  }),
  item: subscriptionBody,
});

const createSubscription = operation({
  id: "createSubscription",
  method: "POST",
  path: "/subscriptions",
  scope: "subscriptions:write",
  body: "application/json",
  idempotent: true,
  async handle({ db, accountId, body, now }) {
    const input = readBody(newSubscription, body);
    // Shared with other subscribers, but an archiving plan waits: none slips in behind it.
    const plan = await db.row<PlanRow>("SELECT * FROM plans WHERE account_id = $1 AND id = $2 FOR SHARE", [
      accountId,
      input.planId,
    ]);
    if (plan === undefined) throw invalidAt("/planId", "is not a plan of this account");
    if (plan.status === "archived") throw conflict("The plan is archived and takes no new subscription.");
    const row = await one<SubscriptionRow>(
      db,
      `INSERT INTO subscriptions (id, account_id, plan_id, quantity, status, starts_at, created_at, updated_at)
       VALUES ($1, $2, $3, $4, 'active', $5, $6, $6) RETURNING *`,
      [newId("sub"), accountId, plan.id, formatDecimal(input.quantity), input.startsAt ?? now, now],
    );
    return created(subscriptionBody(row), "/subscriptions");
  },
});

const getSubscription = operation({
  id: "getSubscription",
  method: "GET",
  path: "/subscriptions/{subscriptionId}",
  scope: "subscriptions:read",
  async handle({ db, accountId, params }) {
    const row = await findSubscription(db, accountId, params.subscriptionId);
    if (row === undefined) throw notFound();
    return found(subscriptionBody(row));
  },
});

const cancelSubscription = operation({
  id: "cancelSubscription",
  method: "POST",
  path: "/subscriptions/{subscriptionId}/cancel",
  scope: "subscriptions:write",
  body: "application/json",
  async handle({ db, accountId, params, body, now, afterCommit, wake }) {
    const row = await lockSubscription(db, accountId, params.subscriptionId);
    const { mode } = readBody(cancellation, body);
    if (row.status !== "active") throw conflict(`The subscription is ${row.status}.`);
    const atOnce = mode === "now";
    const end = atOnce ? now : periodAt(row.starts_at, (await planOf(db, row)).interval, now).end;
    const next = await one<SubscriptionRow>(
      db,
      `UPDATE subscriptions SET status = $2, ends_at = $3, canceled_at = $4, updated_at = $5
       WHERE id = $1 RETURNING *`,
      [row.id, atOnce ? "canceled" : "canceling", end, atOnce ? now : null, now],
    );
    const representation = subscriptionBody(next);
    if (atOnce) {
      await publish(db, accountId, { type: "subscription.canceled", data: representation }, now);
      afterCommit(wake.delivery);
    }
    return found(representation);
  },
});

const resumeSubscription = operation({
  id: "resumeSubscription",
  method: "POST",
  path: "/subscriptions/{subscriptionId}/resume",
  scope: "subscriptions:write",
  async handle({ db, accountId, params, now }) {
    const row = await lockSubscription(db, accountId, params.subscriptionId);
    if (row.status !== "canceling") throw conflict(`The subscription is ${row.status}.`);
    const next = await one<SubscriptionRow>(
      db,
      "UPDATE subscriptions SET status = 'active', ends_at = NULL, updated_at = $2 WHERE id = $1 RETURNING *",
      [row.id, now],
    );
    return found(subscriptionBody(next));
  },
});

export const subscriptionOperations: readonly Operation[] = [
  listSubscriptions,
  createSubscription,
  getSubscription,
  changeSubscription,
  cancelSubscription,
  resumeSubscription,
];
