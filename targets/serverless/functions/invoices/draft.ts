import type { Handler } from "../../lib/http.ts";
import { newId } from "../../lib/ids.ts";
import { etagOf } from "../../lib/precondition.ts";
import { invalidAt } from "../../lib/problem.ts";
import { id, object, text, time, validate } from "../../lib/schema.ts";
import { commit, insert, tables } from "../../lib/table.ts";
import { formatTime, type Interval, type Period, periodAt } from "../../lib/time.ts";
import { loadAccount } from "../accounts/store.ts";
import { findPlan } from "../catalog/store.ts";
import { findSubscription } from "../subscriptions/store.ts";
import type { Invoice, InvoiceItem } from "./model.ts";

const request = object({ subscriptionId: id("sub") }, { periodStart: time, memo: text(1, 500) });

/** The last year in which a period may start, so that its end can be written. */
const lastYear = 2998;

export const draftInvoice: Handler = async (call, keep) => {
  const { subscriptionId, periodStart, memo } = validate(request, call.body);
  const [account, subscription] = await Promise.all([
    loadAccount(call.accountId),
    findSubscription(call.accountId, subscriptionId),
  ]);
  if (!subscription) throw invalidAt("/subscriptionId", "is not a subscription of this account");
  const plan = await findPlan(call.accountId, subscription.doc.planId);
  if (!plan) throw new Error(`subscription ${subscriptionId} has no plan`);
  const startsAt = Date.parse(subscription.doc.startsAt);
  const period = periodOf(startsAt, plan.doc.interval, periodStart, call.now);
  const createdAt = formatTime(call.now);
  const doc: Invoice = {
    id: newId("inv", call.now),
    subscriptionId,
    status: "draft",
    currency: plan.doc.currency,
    taxRateBasisPoints: account.doc.taxRateBasisPoints,
    periodStart: formatTime(period.start),
    periodEnd: formatTime(period.end),
    ...(memo === undefined ? {} : { memo }),
    lines: [],
    subtotal: 0,
    tax: 0,
    total: 0,
    amountPaid: 0,
    amountDue: 0,
    createdAt,
    updatedAt: createdAt,
  };
  const item: InvoiceItem = { pk: call.accountId, sk: doc.id, version: 1, revision: 1, doc };
  const reply = { status: 201, headers: { etag: etagOf(1), location: `/invoices/${doc.id}` }, body: doc };
  if (await commit([insert(tables.invoices, { ...item }), ...keep(reply)]))
    throw new Error("the id is taken, or the key is no longer held");
  return reply;
};

/** The period that starts at `periodStart`, or the one at `now`. @throws Problem 422 */
function periodOf(
  startsAt: number,
  interval: Interval,
  periodStart: string | undefined,
  now: number,
): Period {
  const at = periodStart === undefined ? Math.max(now, startsAt) : Date.parse(periodStart);
  if (new Date(at).getUTCFullYear() > lastYear) throw invalidAt("/periodStart", "is after the year 2998");
  const period = periodAt(startsAt, interval, at);
  if (periodStart !== undefined && period.start !== at)
    throw invalidAt("/periodStart", "is not the start of a period of the subscription");
  return period;
}
