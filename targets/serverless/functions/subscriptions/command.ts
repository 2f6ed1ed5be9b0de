import { type Handler, type Reply, serve } from "../../lib/http.ts";
import { once } from "../../lib/idempotency.ts";
import { newId } from "../../lib/ids.ts";
import { AmountTooLarge } from "../../lib/money.ts";
import { etagOf, requireMatch } from "../../lib/precondition.ts";
import { conflict, type Fault, invalid, invalidAt } from "../../lib/problem.ts";
import { validate } from "../../lib/schema.ts";
import { commit, insert, replace, tables, untilUncontended } from "../../lib/table.ts";
import { formatTime, parseTime, periodAt } from "../../lib/time.ts";
import { listenersOf, stage } from "../../workflow/outbox.ts";
import { findPlan, type Plan } from "../catalog/store.ts";
import { type Proration, prorate, type Side } from "./proration.ts";
import { cancellation, change, loadSubscription, newSubscription, type Subscription } from "./store.ts";

const shown = (version: number, subscription: Subscription): Reply => ({
  status: 200,
  headers: { etag: etagOf(version) },
  body: subscription,
});

/** The plan a subscription is on; plans are never deleted. */
async function planOf(accountId: string, { id, planId }: Subscription): Promise<Plan> {
  const plan = await findPlan(accountId, planId);
  if (!plan) throw new Error(`the plan of ${id} is gone`);
  return plan.doc;
}

const createSubscription: Handler = async (call, keep) => {
  const wanted = validate(newSubscription, call.body);
  const plan = await findPlan(call.accountId, wanted.planId);
  if (!plan) throw invalidAt("/planId", "is not a plan of this account");
  if (plan.doc.status === "archived") throw conflict("The plan is archived.");
  const createdAt = formatTime(call.now);
  const subscription: Subscription = {
    id: newId("sub", call.now),
    planId: wanted.planId,
    quantity: wanted.quantity ?? "1",
    status: "active",
    startsAt: wanted.startsAt ?? createdAt,
    createdAt,
    updatedAt: createdAt,
  };
  const headers = { etag: etagOf(1), location: `/subscriptions/${subscription.id}` };
  const reply = { status: 201, headers, body: subscription };
  const item = { pk: call.accountId, sk: subscription.id, version: 1, doc: subscription };
  if (await commit([insert(tables.subscriptions, item), ...keep(reply)]))
    throw new Error("this execution lost its Idempotency-Key");
  return reply;
};

/** What the change costs. @throws Problem 422 */
function costOf(before: Side, after: Side, startsAt: string, effectiveAt: string): Proration {
  try {
    return prorate(before, after, startsAt, effectiveAt);
  } catch (error) {
    if (error instanceof AmountTooLarge) throw invalidAt("/quantity", "makes a fee above 2^53 - 1");
    throw error;
  }
}

const changeSubscription: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadSubscription(call.accountId, call.path("subscriptionId"));
    const wanted = validate(change, call.body);
    const { doc } = stored;
    const moves = wanted.planId !== undefined && wanted.planId !== doc.planId;
    const [present, other] = await Promise.all([
      planOf(call.accountId, doc),
      moves && wanted.planId !== undefined ? findPlan(call.accountId, wanted.planId) : undefined,
    ]);
    const effectiveAt = wanted.effectiveAt ?? formatTime(call.now);
    const next = moves ? other?.doc : present;
    const faults: Fault[] = [];
    if (!next) faults.push({ pointer: "/planId", detail: "is not a plan of this account" });
    else if (next.currency !== present.currency || next.interval !== present.interval)
      faults.push({ pointer: "/planId", detail: "must have the currency and interval of the present plan" });
    if (effectiveAt < doc.startsAt)
      faults.push({ pointer: "/effectiveAt", detail: "must not be before startsAt" });
    if (!next || faults.length > 0) throw invalid(faults);
    const quantity = wanted.quantity ?? doc.quantity;
    const proration = costOf(
      { plan: present, quantity: doc.quantity },
      { plan: next, quantity },
      doc.startsAt,
      effectiveAt,
    );
    requireMatch(call.ifMatch, stored.version);
    if (doc.status !== "active") throw conflict(`The subscription is ${doc.status}.`);
    if (moves && next.status === "archived") throw conflict("The new plan is archived.");
    if (!moves && quantity === doc.quantity)
      return { ...shown(stored.version, doc), body: { subscription: doc, proration } };
    const subscription: Subscription = { ...doc, planId: next.id, quantity, updatedAt: formatTime(call.now) };
    if (await commit([replace(tables.subscriptions, stored, subscription)])) return undefined;
    return { ...shown(stored.version + 1, subscription), body: { subscription, proration } };
  });

const cancelSubscription: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadSubscription(call.accountId, call.path("subscriptionId"));
    const { mode } = validate(cancellation, call.body);
    const { doc } = stored;
    if (doc.status !== "active") throw conflict(`The subscription is ${doc.status}.`);
    const now = formatTime(call.now);
    const subscription: Subscription =
      mode === "now"
        ? { ...doc, status: "canceled", endsAt: now, canceledAt: now, updatedAt: now }
        : {
            ...doc,
            status: "canceling",
            endsAt: await endOfPeriod(call.accountId, doc, call.now),
            updatedAt: now,
          };
    const told = mode === "now" ? await tellCanceled(call.accountId, subscription, call.now) : [];
    if (await commit([replace(tables.subscriptions, stored, subscription), ...told])) return undefined;
    return shown(stored.version + 1, subscription);
  });

async function endOfPeriod(accountId: string, subscription: Subscription, now: number): Promise<string> {
  const { interval } = await planOf(accountId, subscription);
  return formatTime(periodAt(parseTime(subscription.startsAt) ?? Number.NaN, interval, now).end);
}

/** The event's deliveries, to be committed with the cancellation; what delivers them is under way before that. */
async function tellCanceled(accountId: string, subscription: Subscription, now: number) {
  const type = "subscription.canceled";
  const staged = stage(await listenersOf(accountId, [type]), {
    accountId,
    group: subscription.id,
    sequence: 0,
    at: now,
    events: [{ type, resourceId: subscription.id, data: subscription }],
  });
  await staged.start();
  return staged.writes;
}

const resumeSubscription: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadSubscription(call.accountId, call.path("subscriptionId"));
    if (stored.doc.status !== "canceling") throw conflict(`The subscription is ${stored.doc.status}.`);
    const { endsAt, ...doc } = stored.doc;
    const subscription: Subscription = { ...doc, status: "active", updatedAt: formatTime(call.now) };
    if (await commit([replace(tables.subscriptions, stored, subscription)])) return undefined;
    return shown(stored.version + 1, subscription);
  });

export const handler = serve(
  { createSubscription, changeSubscription, cancelSubscription, resumeSubscription },
  once,
);
