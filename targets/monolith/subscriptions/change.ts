import type { PlanRow } from "../catalog/plan.ts";
import { one } from "../db/one.ts";
import { formatDecimal, fromNumeric } from "../domain/decimal.ts";
import { etagOf, requireMatch } from "../http/etag.ts";
import { operation, readBody } from "../http/operation.ts";
import { conflict, invalid, invalidAt } from "../http/problem.ts";
import { Issues } from "../validation/reader.ts";
import { prorate, type Terms } from "./proration.ts";
import { lockSubscription, planOf } from "./store.ts";
import { type SubscriptionRow, subscriptionBody, subscriptionChange } from "./subscription.ts";

/** Another plan, another quantity or both, at once; the proration is an answer, not a record. */
export const changeSubscription = operation({
  id: "changeSubscription",
  method: "POST",
  path: "/subscriptions/{subscriptionId}/change",
  scope: "subscriptions:write",
  body: "application/json",
  async handle({ db, accountId, params, body, ifMatch, now }) {
    const row = await lockSubscription(db, accountId, params.subscriptionId);
    const input = readBody(subscriptionChange, body);
    const before: Terms = { plan: await planOf(db, row), quantity: fromNumeric(row.quantity) };
    const plan =
      input.planId === undefined || input.planId === row.plan_id
        ? before.plan
        : await db.row<PlanRow>("SELECT * FROM plans WHERE account_id = $1 AND id = $2 FOR SHARE", [
            accountId,
            input.planId,
          ]);
    const effectiveAt = input.effectiveAt ?? now;
    if (plan === undefined || !exchangeable(before.plan, plan) || effectiveAt < row.starts_at)
      throw refusal(before.plan, plan, effectiveAt < row.starts_at);
    const after: Terms = { plan, quantity: input.quantity ?? before.quantity };
    const proration = prorate(before, after, row.starts_at, effectiveAt);
    if (proration === undefined)
      throw invalidAt("/quantity", "makes a recurring fee above 9007199254740991, before or after");
    requireMatch(ifMatch, subscriptionBody(row));
    if (row.status !== "active") throw conflict(`The subscription is ${row.status}.`);
    if (plan.id !== row.plan_id && plan.status === "archived") throw conflict("The new plan is archived.");

    const changed = plan.id !== row.plan_id || after.quantity !== before.quantity;
    const next = changed
      ? await one<SubscriptionRow>(
          db,
          "UPDATE subscriptions SET plan_id = $2, quantity = $3, updated_at = $4 WHERE id = $1 RETURNING *",
          [row.id, plan.id, formatDecimal(after.quantity), now],
        )
      : row;
    const subscription = subscriptionBody(next);
    return { status: 200, headers: { ETag: etagOf(subscription) }, body: { subscription, proration } };
  },
});

const exchangeable = (a: PlanRow, b: PlanRow): boolean =>
  a.currency === b.currency && a.interval === b.interval;

function refusal(present: PlanRow, wanted: PlanRow | undefined, early: boolean) {
  const issues = new Issues();
  if (wanted === undefined) issues.add("/planId", "is not a plan of this account");
  else if (!exchangeable(present, wanted)) issues.add("/planId", "has another currency or interval");
  if (early) issues.add("/effectiveAt", "lies before startsAt");
  return invalid(issues.list);
}
