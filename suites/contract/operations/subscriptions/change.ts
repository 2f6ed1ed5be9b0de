import type { Api, Case } from "../../case.ts";
import { canonical } from "../../lib/arithmetic.ts";
import {
  FLAT,
  type NewPlan,
  type Plan,
  STARTED,
  type Subscription,
  subscribeTo,
  withKey,
} from "../../lib/billing.ts";
import { notBefore } from "../../lib/match.ts";
import { type FeeChange, prorationAt } from "../../lib/proration.ts";
import { archivedPlan, createPlan, read, readBack, SEATS, YEARLY } from "./shared.ts";

/** One entry of `x-vectors` of changeSubscription. */
interface ChangeVector {
  readonly id: string;
  readonly given: Pick<NewPlan, "interval" | "currency" | "meter"> & {
    readonly startsAt: string;
    readonly oldPricing: NewPlan["pricing"];
    readonly oldQuantity: string;
    readonly newPricing: NewPlan["pricing"];
    readonly newQuantity: string;
    readonly effectiveAt: string;
  };
  readonly want: object;
}

/** Each vector: two plans, a subscription to the first, a change to the second. */
export async function vectors(c: Case, api: Api): Promise<void> {
  const all = c.operation.vectors as readonly ChangeVector[];
  c.equal("vectors, at least 15", all.length >= 15, true);
  const plans = new Map<string, Promise<Plan>>();
  const planOf = (role: string, body: NewPlan): Promise<Plan> => {
    const same = `${role} ${JSON.stringify(body)}`;
    const made = plans.get(same) ?? createPlan(api, body);
    plans.set(same, made);
    return made;
  };
  await c.all(all, ({ id, given, want }) =>
    c.part(id, async () => {
      const { interval, currency, meter, oldPricing, newPricing, newQuantity: quantity } = given;
      const common = { name: "Vector", interval, ...(currency && { currency }), ...(meter && { meter }) };
      const old = await planOf("old", { ...common, pricing: oldPricing });
      const { id: planId } = await planOf("new", { ...common, pricing: newPricing });
      const body = { planId: old.id, quantity: given.oldQuantity, startsAt: given.startsAt };
      const created = await api.createSubscription(201, { headers: withKey(c), body });
      const reply = await api.changeSubscription(200, {
        path: { subscriptionId: created.body.id },
        headers: { "If-Match": created.headers.etag ?? "" },
        body: { planId, quantity, effectiveAt: given.effectiveAt },
      });
      const updatedAt = notBefore(created.body.updatedAt);
      c.equal(
        id,
        reply.body,
        {
          subscription: { ...created.body, planId, quantity: canonical(quantity), updatedAt },
          proration: { effectiveAt: new Date(given.effectiveAt).toISOString(), currency, ...want },
        },
        reply,
      );
    }),
  );
}

/** Plan, quantity, both, or nothing; at an instant that is given, or now. */
export async function changes(c: Case, api: Api): Promise<void> {
  const [seats, flat] = await c.all([SEATS, FLAT], (plan) => createPlan(api, plan));
  const planId = seats?.id ?? "";
  const subscriptionId = (await subscribeTo(c, api, planId, { quantity: "2.5" })).id;
  const path = { subscriptionId };
  let current = await read(api, subscriptionId);
  const fees: Omit<FeeChange, "oldFee" | "newFee"> = { startsAt: STARTED, months: 1, currency: "EUR" };
  const change = async (
    body: { planId?: string; quantity?: string; effectiveAt?: string },
    [oldFee, newFee]: readonly [number, number],
    changed?: Partial<Subscription>,
  ): Promise<void> => {
    const before = current;
    const reply = await api.changeSubscription(200, { path, headers: { "If-Match": before.etag }, body });
    const { effectiveAt } = reply.body.proration;
    c.equal(
      "/proration/effectiveAt",
      effectiveAt,
      body.effectiveAt ? new Date(body.effectiveAt).toISOString() : notBefore(before.body.createdAt),
      reply,
    );
    c.body(reply, {
      subscription: changed
        ? { ...before.body, ...changed, updatedAt: notBefore(before.body.updatedAt) }
        : before.body,
      proration: prorationAt(effectiveAt, { ...fees, oldFee, newFee }),
    });
    c.equal("ETag changed", reply.headers.etag !== before.etag, changed !== undefined, reply);
    if (changed === undefined) {
      current = await read(api, subscriptionId);
      return c.equal("read back", current, before, reply);
    }
    current = { etag: reply.headers.etag ?? "", body: reply.body.subscription };
    await readBack(c, api, reply, current.body);
    await c.refused(
      api.changeSubscription(412, { path, headers: { "If-Match": before.etag }, body }),
      "precondition-failed",
      {},
    );
  };
  // 2.5 × 999 = 2497.5, to the even 2498.
  await change({ quantity: "2.500" }, [2498, 2498]);
  await change({ planId, effectiveAt: "2026-02-10T10:00:00+01:00" }, [2498, 2498]);
  await change({ planId, quantity: "2.5" }, [2498, 2498]);
  await change({ quantity: "4.0", effectiveAt: STARTED }, [2498, 3996], { quantity: "4" });
  await change({ planId: flat?.id ?? "" }, [3996, 4900], { planId: flat?.id ?? "" });
  await change({ planId, quantity: "0", effectiveAt: "2998-12-31T23:59:59.999Z" }, [4900, 0], {
    planId,
    quantity: "0",
  });
  // The plan it is on may be archived by now.
  await api.archivePlan(200, { path: { planId } });
  await change({ planId }, [0, 0]);
  await change({ planId, quantity: "1" }, [0, 999], { quantity: "1" });
  await change({ quantity: "2" }, [999, 1998], { quantity: "2" });
  await change({ planId: flat?.id ?? "" }, [1998, 4900], { planId: flat?.id ?? "" });
  const back = { path, headers: { "If-Match": "*" }, body: { planId } };
  await c.refused(api.changeSubscription(409, back), "conflict", {});
}

/** Most of 2^53−1 yen in the first tier: the fee of 1 is the largest there may be. */
const LARGE: NewPlan = {
  name: "Large",
  currency: "JPY",
  interval: "month",
  pricing: {
    model: "graduated",
    tiers: [{ upTo: "1", unitPrice: "9007199254740991" }, { unitPrice: "1" }],
  },
};

export async function refusals(c: Case, api: Api): Promise<void> {
  const foreign = await createPlan((await c.tenant()).api, FLAT);
  const [month, year, dollars, large, metered] = (await c.all(
    [FLAT, YEARLY, { ...FLAT, currency: "USD" as const }, LARGE, { ...LARGE, meter: "m" }],
    (plan) => createPlan(api, plan),
  )) as [Plan, Plan, Plan, Plan, Plan];
  const elsewhere = await archivedPlan(api, YEARLY);
  const yen = await createPlan(api, { ...FLAT, currency: "JPY" });
  const subscription = await subscribeTo(c, api, month.id, { startsAt: "2026-01-31T10:30:00.250+01:00" });
  const before = await read(api, subscription.id);
  const refuse = (body: object, pointers: readonly string[]) =>
    c.refused(
      api.send(422, "changeSubscription", {
        path: { subscriptionId: subscription.id },
        headers: { "If-Match": before.etag },
        body,
      }),
      "validation-failed",
      { pointers },
    );
  const early = "2026-01-31T09:30:00.249Z";
  const unknown = c.unknownId("plan");
  const bad: readonly (readonly [body: object, pointers: readonly string[]])[] = [
    [{}, [""]],
    [{ effectiveAt: STARTED }, [""]],
    [{ quantity: "2", effectiveAt: "2999-01-01T00:00:00Z" }, ["/effectiveAt"]],
    [{ quantity: "2", effectiveAt: "1969-12-31T23:59:59.999Z" }, ["/effectiveAt"]],
    [{ quantity: "2", effectiveAt: early }, ["/effectiveAt"]],
    [{ quantity: " 2", effectiveAt: "2026-02-29T00:00:00Z" }, ["/quantity", "/effectiveAt"]],
    [{ planId: unknown, quantity: "2." }, ["/quantity"]],
    [{ planId: unknown }, ["/planId"]],
    [{ planId: foreign.id }, ["/planId"]],
    [{ planId: year.id }, ["/planId"]],
    [{ planId: dollars.id, quantity: "2" }, ["/planId"]],
    [{ planId: elsewhere }, ["/planId"]],
    [{ planId: unknown, effectiveAt: early }, ["/planId", "/effectiveAt"]],
  ];
  await c.all(bad, ([body, pointers]) => refuse(body, pointers));
  c.equal("the subscription", await read(api, subscription.id), before);
  await c.part("the largest fee", async () => {
    // On the side of the old plan, of the new one; exactly the largest; none where usage is billed.
    const change = (
      wanted: 200 | 422,
      [planId, quantity]: readonly [string, string],
      body: { planId?: string; quantity?: string },
    ) =>
      subscribeTo(c, api, planId, { quantity }).then(({ id }) =>
        api.send(wanted, "changeSubscription", {
          path: { subscriptionId: id },
          headers: { "If-Match": "*" },
          body: { ...body, effectiveAt: STARTED },
        }),
      );
    const tooLarge = [
      change(422, [large.id, "2"], { planId: yen.id }),
      change(422, [yen.id, "2"], { planId: large.id }),
      change(422, [large.id, "2"], { quantity: "0" }),
    ];
    for (const call of tooLarge) await c.refused(call, "validation-failed", { pointers: ["/quantity"] });
    const most = await change(200, [large.id, "1"], { quantity: "0" });
    c.equal(
      "/proration/net",
      (most.body as { proration: { net: number } }).proration.net,
      -9007199254740991,
      most,
    );
    await change(200, [metered.id, "2"], { quantity: "3" });
  });
}
