import type { Answer, Api, Case } from "../../case.ts";
import {
  FLAT,
  type NewPlan,
  type Plan,
  type Subscription,
  subscribe,
  subscribeTo,
} from "../../lib/billing.ts";

export const SEATS: NewPlan = {
  name: "Seats",
  interval: "month",
  pricing: { model: "per_unit", unitPrice: "9.99" },
};
export const YEARLY: NewPlan = { ...FLAT, interval: "year" };
export const MODES = ["period_end", "now"] as const;

export async function createPlan(api: Api, body: NewPlan): Promise<Plan> {
  return (await api.createPlan(201, { body })).body;
}

export async function archivedPlan(api: Api, body: NewPlan = FLAT): Promise<string> {
  const { id } = await createPlan(api, body);
  await api.archivePlan(200, { path: { planId: id } });
  return id;
}

export function cancel(api: Api, subscriptionId: string, mode: (typeof MODES)[number]) {
  return api.cancelSubscription(200, { path: { subscriptionId }, body: { mode } });
}

/** Every subscription of the account, as its list shows them. */
export async function readAll(api: Api): Promise<readonly Subscription[]> {
  return (await api.listSubscriptions(200, { query: { limit: 100 } })).body.items;
}

/** The subscription and its ETag as a read shows them. */
export async function read(api: Api, subscriptionId: string) {
  const { headers, body } = await api.getSubscription(200, { path: { subscriptionId } });
  return { etag: headers.etag ?? "", body };
}

/** A reply that carries a subscription, and the two reads that have to show the same from then on. */
export async function readBack(c: Case, api: Api, reply: Answer, shown: Subscription): Promise<void> {
  const got = await read(api, shown.id);
  c.equal("read back", got, { etag: reply.headers.etag, body: shown }, reply);
  const listed = (await readAll(api)).find(({ id }) => id === shown.id);
  c.equal("in the list", listed, shown, reply);
}

/** One plan, and a subscription to it in each status. */
export async function inEachStatus(c: Case, api: Api) {
  const { plan, subscription: active } = await subscribe(c, api);
  const [canceling, canceled] = await c.all(["period_end", "now"] as const, async (mode) => {
    const { id } = await subscribeTo(c, api, plan.id);
    return (await cancel(api, id, mode)).body;
  });
  return { plan, active, canceling: canceling as Subscription, canceled: canceled as Subscription };
}
