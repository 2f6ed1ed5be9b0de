import type { PlanRow } from "../catalog/plan.ts";
import type { Queryable } from "../db/database.ts";
import { one } from "../db/one.ts";
import { notFound } from "../http/problem.ts";
import type { SubscriptionRow } from "./subscription.ts";

/** The account's subscription, if there is one. */
export const findSubscription = (
  db: Queryable,
  accountId: string,
  id: string | undefined,
  lock: "" | "FOR NO KEY UPDATE" = "",
): Promise<SubscriptionRow | undefined> =>
  db.row<SubscriptionRow>(`SELECT * FROM subscriptions WHERE account_id = $1 AND id = $2 ${lock}`, [
    accountId,
    id,
  ]);

/** The subscription a path names, locked until the transaction ends. @throws Problem 404 */
export async function lockSubscription(
  tx: Queryable,
  accountId: string,
  id: string | undefined,
): Promise<SubscriptionRow> {
  const row = await findSubscription(tx, accountId, id, "FOR NO KEY UPDATE");
  if (row === undefined) throw notFound();
  return row;
}

/** The plan a subscription is on. */
export const planOf = (db: Queryable, { plan_id }: SubscriptionRow): Promise<PlanRow> =>
  one<PlanRow>(db, "SELECT * FROM plans WHERE id = $1", [plan_id]);
