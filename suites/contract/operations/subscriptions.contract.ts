import type { LooseCall } from "../../../openapi/client/index.ts";
import { type Answer, type Api, type Case, contract, type Tenant } from "../case.ts";
import { canonical } from "../lib/arithmetic.ts";
import {
  FLAT,
  METERED,
  type NewPlan,
  type Plan,
  STARTED,
  type Subscription,
  subscribe,
  subscribeTo,
  withKey,
} from "../lib/billing.ts";
import { anId, notBefore } from "../lib/match.ts";
import { periodAt } from "../lib/periods.ts";
import { type FeeChange, prorationAt } from "../lib/proration.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { walkIdempotency } from "../walk/idempotency.ts";
import { walkList } from "../walk/list.ts";

const SEATS: NewPlan = {
  name: "Seats",
  interval: "month",
  pricing: { model: "per_unit", unitPrice: "9.99" },
};
const YEARLY: NewPlan = { ...FLAT, interval: "year" };
const MODES = ["period_end", "now"] as const;

async function createPlan(api: Api, body: NewPlan): Promise<Plan> {
  return (await api.createPlan(201, { body })).body;
}

async function archivedPlan(api: Api, body: NewPlan = FLAT): Promise<string> {
  const { id } = await createPlan(api, body);
  await api.archivePlan(200, { path: { planId: id } });
  return id;
}

function cancel(api: Api, subscriptionId: string, mode: (typeof MODES)[number]) {
  return api.cancelSubscription(200, { path: { subscriptionId }, body: { mode } });
}

/** Every subscription of the account, as its list shows them. */
async function readAll(api: Api): Promise<readonly Subscription[]> {
  return (await api.listSubscriptions(200, { query: { limit: 100 } })).body.items;
}

/** The subscription and its ETag as a read shows them. */
async function read(api: Api, subscriptionId: string) {
  const { headers, body } = await api.getSubscription(200, { path: { subscriptionId } });
  return { etag: headers.etag ?? "", body };
}

/** A reply that carries a subscription, and the two reads that have to show the same from then on. */
async function readBack(c: Case, api: Api, reply: Answer, shown: Subscription): Promise<void> {
  const got = await read(api, shown.id);
  c.equal("read back", got, { etag: reply.headers.etag, body: shown }, reply);
  const listed = (await readAll(api)).find(({ id }) => id === shown.id);
  c.equal("in the list", listed, shown, reply);
}

/** One plan, and a subscription to it in each status. */
async function inEachStatus(c: Case, api: Api) {
  const { plan, subscription: active } = await subscribe(c, api);
  const [canceling, canceled] = await c.all(["period_end", "now"] as const, async (mode) => {
    const { id } = await subscribeTo(c, api, plan.id);
    return (await cancel(api, id, mode)).body;
  });
  return { plan, active, canceling: canceling as Subscription, canceled: canceled as Subscription };
}

contract("listSubscriptions", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const plans = await c.all([FLAT, SEATS], (plan) => createPlan(api, plan));
  const created = await c.all(Array.from({ length: 22 }), async (_, index) => {
    const one = await subscribeTo(c, api, plans[index % 2]?.id ?? "", { quantity: `${index}.5` });
    if (index % 3 === 0) return one;
    return (await cancel(api, one.id, MODES[index % 3 === 1 ? 0 : 1])).body;
  });
  const stranger = await c.tenant();
  await subscribe(c, stranger.api);
  await subscribe(c, stranger.api);
  const planIds = [...plans.map(({ id }) => id), c.unknownId("plan")];
  await walkList(c, {
    api,
    items: created,
    by: "createdAt",
    direction: "descending",
    filters: [
      ...["active", "canceling", "canceled"].map((status) => ({
        query: { status },
        keeps: (one: object) => "status" in one && one.status === status,
      })),
      ...planIds.map((planId) => ({
        query: { planId },
        keeps: (one: object) => "planId" in one && one.planId === planId,
      })),
    ],
    add: () => subscribeTo(c, api, planIds[0] ?? ""),
    stranger: stranger.api,
  });
  await c.part("what is written is listed", () => listsFollow(c));
  const empty = await c.tenant();
  c.body(await empty.api.listSubscriptions(200), { items: [] });
  await walkConventions(c, { tenant: empty, call: {} });
});

/** After each write the list and its filters show what it acknowledged. */
async function listsFollow(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const [first, second] = await c.all([FLAT, SEATS], (plan) => createPlan(api, plan));
  const planId = first?.id ?? "";
  const lists = async (of: readonly Subscription[]): Promise<void> => {
    const [all, active, onPlan] = await c.all([{}, { status: "active" as const }, { planId }], (query) =>
      api.listSubscriptions(200, { query }),
    );
    c.equal("all", all?.body, { items: of }, all);
    c.equal("active", active?.body, { items: of.filter(({ status }) => status === "active") }, active);
    c.equal("on the plan", onPlan?.body, { items: of.filter((one) => one.planId === planId) }, onPlan);
  };
  await lists([]);
  const { id } = await subscribeTo(c, api, planId);
  const path = { subscriptionId: id };
  await lists([(await read(api, id)).body]);
  await lists([(await cancel(api, id, "period_end")).body]);
  await lists([(await api.resumeSubscription(200, { path })).body]);
  const body = { planId: second?.id ?? "" };
  const changed = await api.changeSubscription(200, { path, headers: { "If-Match": "*" }, body });
  await lists([changed.body.subscription]);
}

/** Good quantities and starts, and how they are shown. */
const ACCEPTED: readonly (readonly [given: Partial<Subscription>, shown: Partial<Subscription>])[] = [
  [
    { quantity: "5.50", startsAt: "2026-01-31T10:30:00+01:00" },
    { quantity: "5.5", startsAt: STARTED },
  ],
  [{ quantity: "0", startsAt: "1970-01-01T00:00:00Z" }, { startsAt: "1970-01-01T00:00:00.000Z" }],
  [{ quantity: "0.000001", startsAt: "2998-12-31T23:59:59.999Z" }, {}],
  [
    { quantity: "999999999999999999.999999", startsAt: "2999-01-01T00:29:59.9+00:30" },
    { startsAt: "2998-12-31T23:59:59.900Z" },
  ],
  [
    { quantity: "10.10", startsAt: "1969-12-31T23:30:00.05-00:30" },
    { quantity: "10.1", startsAt: "1970-01-01T00:00:00.050Z" },
  ],
  [
    { quantity: "3.000", startsAt: "2028-02-29T23:59:59.12Z" },
    { quantity: "3", startsAt: "2028-02-29T23:59:59.120Z" },
  ],
  [{ quantity: "100", startsAt: "2000-02-29T12:00:00-23:59" }, { startsAt: "2000-03-01T11:59:00.000Z" }],
];
const BAD_QUANTITIES = [
  ...[" 1", "1 ", "-1", "+1", "01", "1.", ".5", "1e3", "1,5", "", "1.0000001", "1000000000000000000", "١"],
  1,
];
const BAD_TIMES = [
  ...["2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z"],
  ...["2026-01-01T00:00:60Z", "2026-01-01t00:00:00Z", "2026-01-01T00:00:00z", "2026-01-01 00:00:00Z"],
  ...["2026-01-01T00:00:00", "2026-01-01T00:00:00.1234Z", "2026-01-01T00:00:00+24:00", "2026-01-01"],
  ...[" 2026-01-01T00:00:00Z", "1970-01-01T00:59:59.999+01:00"],
];

contract("createSubscription", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const plan = await createPlan(api, SEATS);
  const planId = plan.id;
  const create = (wanted: 409 | 422, body: unknown) =>
    api.send(wanted, "createSubscription", { headers: withKey(c), body });
  const created = await c.all([[{}, {}] as const, ...ACCEPTED], async ([given, shown]) => {
    const reply = await api.createSubscription(201, { headers: withKey(c), body: { planId, ...given } });
    const now = { startsAt: notBefore(plan.createdAt), createdAt: notBefore(plan.createdAt) };
    const { id, createdAt } = reply.body;
    c.body(reply, {
      ...{ id: anId("sub"), planId, quantity: "1", status: "active" },
      ...{ ...now, updatedAt: createdAt, ...given, ...shown },
    });
    c.header(reply, "location", `/subscriptions/${id}`);
    c.equal("read back", await read(api, id), { etag: reply.headers.etag, body: reply.body }, reply);
    return reply.body;
  });
  c.equal("subscriptions", await readAll(api), [...created].sort(latestFirst));
  await c.part("what is refused", async () => {
    const stranger = await createPlan((await c.tenant()).api, FLAT);
    const archived = await archivedPlan(api);
    const far = "2999-01-01T00:00:00Z";
    const refused: readonly (readonly [body: object, pointers: readonly string[]])[] = [
      ...BAD_TIMES.map(
        (startsAt, index) =>
          [{ planId, startsAt, quantity: BAD_QUANTITIES[index] }, ["/startsAt", "/quantity"]] as const,
      ),
      [{ planId, startsAt: far }, ["/startsAt"]],
      [{ planId: stranger.id }, ["/planId"]],
      [{ planId: c.unknownId("plan") }, ["/planId"]],
      [{ planId: ` ${planId}` }, ["/planId"]],
      [{ planId: c.unknownId("plan"), quantity: "-1" }, ["/quantity"]],
      [{ planId: archived, quantity: "-1", endsAt: STARTED }, ["/quantity", "/endsAt"]],
    ];
    await c.all(refused, ([body, pointers]) =>
      c.refused(create(422, body), "validation-failed", { pointers }),
    );
    await c.refused(create(409, { planId: archived }), "conflict", {});
    c.equal("subscriptions", (await readAll(api)).length, created.length);
  });
  await c.part("Idempotency-Key", () => idempotency(c, tenant));
  await walkConventions(c, {
    tenant,
    call: { body: { planId, quantity: "2.50", startsAt: "2026-01-31T10:30:00+01:00" } },
    conflict: { body: { planId: await archivedPlan(api) } },
    read: () => readAll(api),
  });
});

/** Ties are broken by the id, in the order of the list. */
function latestFirst(a: Subscription, b: Subscription): number {
  return `${a.createdAt} ${a.id}` > `${b.createdAt} ${b.id}` ? -1 : 1;
}

async function idempotency(c: Case, { api }: Tenant): Promise<void> {
  const stranger = await c.tenant();
  const [own, foreign] = await c.all([api, stranger.api], (one) => createPlan(one, FLAT));
  const planId = own?.id ?? "";
  const changed = (call: LooseCall, member: object) => ({
    ...call,
    body: { ...(call.body as object), ...member },
  });
  await walkIdempotency(c, {
    api,
    fresh: async () => ({ body: { planId, quantity: "1", startsAt: STARTED } }),
    other: (call) => changed(call, { quantity: "1.0" }),
    invalid: (call) => changed(call, { quantity: "-1" }),
    effects: async () =>
      (await api.listSubscriptions(200, { query: { planId, limit: 100 } })).body.items.length,
    stranger: { api: stranger.api, fresh: async () => ({ body: { planId: foreign?.id } }) },
  });
  await c.part("a kept answer outlives what it tells of", async () => {
    const plan = await createPlan(api, FLAT);
    const headers = withKey(c);
    const body = { planId: plan.id };
    const first = await api.createSubscription(201, { headers, body });
    await cancel(api, first.body.id, "now");
    await api.archivePlan(200, { path: body });
    const again = await api.createSubscription(201, { headers, body });
    c.equal("replayed body", again.body, first.body, again);
    c.header(again, "etag", first.headers.etag);
    c.header(again, "location", first.headers.location);
    c.header(again, "idempotency-replayed", "true");
    await c.refused(api.createSubscription(409, { headers: withKey(c), body }), "conflict", {});
    // Another operation has keys of its own.
    const drafted = await api.draftInvoice(201, { headers, body: { subscriptionId: first.body.id } });
    c.header(drafted, "idempotency-replayed", undefined);
  });
}

contract("getSubscription", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { active, canceling, canceled } = await inEachStatus(c, api);
  for (const one of [active, canceling, canceled]) c.equal(one.status, (await read(api, one.id)).body, one);
  await c.part("what is written is read", async () => {
    const path = { subscriptionId: active.id };
    const headers = { "If-Match": (await read(api, active.id)).etag };
    const changed = await api.changeSubscription(200, { path, headers, body: { quantity: "7" } });
    await readBack(c, api, changed, changed.body.subscription);
    const canceling = await cancel(api, active.id, "period_end");
    await readBack(c, api, canceling, canceling.body);
    const resumed = await api.resumeSubscription(200, { path });
    await readBack(c, api, resumed, resumed.body);
    const canceled = await cancel(api, active.id, "now");
    await readBack(c, api, canceled, canceled.body);
  });
  await walkConventions(c, { tenant, call: { path: { subscriptionId: canceling.id } } });
});

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

contract("changeSubscription", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  await vectors(c, api);
  await c.part("what changes, and what does not", () => changes(c, api));
  await c.part("what is refused", () => refusals(c, api));
  const { plan, active, canceling, canceled } = await inEachStatus(c, api);
  const path = { subscriptionId: active.id };
  await c.part("changes at once", async () => {
    const before = await read(api, active.id);
    const headers = { "If-Match": before.etag };
    const replies = await Promise.all(
      ["2", "3", "4"].map((quantity) =>
        api.changeSubscription([200, 412], { path, headers, body: { quantity } }),
      ),
    );
    const won = replies.flatMap((reply) => (reply.status === 200 ? [reply.body.subscription] : []));
    c.equal("changes that won with one ETag", won.length, 1, replies[0]);
    c.equal("after the race", (await read(api, active.id)).body, won[0], replies[0]);
  });
  await c.part("not active", () =>
    c
      .all([canceling, canceled], async ({ id }) => {
        const headers = { "If-Match": (await read(api, id)).etag };
        for (const body of [{ quantity: "2" }, { planId: plan.id }])
          await c.refused(
            api.changeSubscription(409, { path: { subscriptionId: id }, headers, body }),
            "conflict",
            {},
          );
      })
      .then(() => undefined),
  );
  const etag = async () => (await read(api, active.id)).etag;
  await walkPreconditionHolds(c, { tenant, call: { path, body: { planId: plan.id } }, etag });
  await walkConventions(c, {
    tenant,
    call: { path, body: { planId: (await createPlan(api, SEATS)).id, quantity: "12", effectiveAt: STARTED } },
    etag,
    conflict: {
      path: { subscriptionId: canceled.id },
      headers: { "If-Match": (await read(api, canceled.id)).etag },
      body: { quantity: "2" },
    },
    read: () => readAll(api),
  });
});

/** Each vector: two plans, a subscription to the first, a change to the second. */
async function vectors(c: Case, api: Api): Promise<void> {
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
async function changes(c: Case, api: Api): Promise<void> {
  const [seats, flat] = await c.all([SEATS, FLAT], (plan) => createPlan(api, plan));
  const planId = seats?.id ?? "";
  const subscriptionId = (await subscribeTo(c, api, planId, { quantity: "2.5" })).id;
  const path = { subscriptionId };
  const fees: Omit<FeeChange, "oldFee" | "newFee"> = { startsAt: STARTED, months: 1, currency: "EUR" };
  const change = async (
    body: { planId?: string; quantity?: string; effectiveAt?: string },
    [oldFee, newFee]: readonly [number, number],
    changed?: Partial<Subscription>,
  ): Promise<void> => {
    const before = await read(api, subscriptionId);
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
    await readBack(c, api, reply, reply.body.subscription);
    if (changed !== undefined)
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

async function refusals(c: Case, api: Api): Promise<void> {
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

contract("cancelSubscription", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const plans = await c.all([FLAT, YEARLY, METERED], (plan) => createPlan(api, plan));
  const starts = [
    ...[undefined, STARTED, "2024-02-29T23:59:59.999Z", "2998-12-31T00:00:00.000Z"],
    ...["1999-12-30T00:00:00.000Z", "2020-08-31T12:00:00+09:00"],
  ];
  const cases = starts.flatMap((startsAt, index) => [
    { startsAt, months: 1, planId: plans[index % 2 === 0 ? 0 : 2]?.id ?? "" },
    { startsAt, months: 12, planId: plans[1]?.id ?? "" },
  ]);
  await c.all(cases, ({ startsAt, months, planId }, index) =>
    c.part(`${startsAt} each ${months} months`, async () => {
      const body = { planId, quantity: "2.5", ...(startsAt && { startsAt }) };
      const created = await api.createSubscription(201, { headers: withKey(c), body });
      const { id } = created.body;
      const mode = MODES[index % 5 === 4 ? 1 : 0];
      const reply = await cancel(api, id, mode);
      const updatedAt = notBefore(created.body.updatedAt);
      const now = reply.body.updatedAt;
      c.body(
        reply,
        mode === "now"
          ? { ...created.body, status: "canceled", endsAt: now, canceledAt: now, updatedAt }
          : {
              ...{ ...created.body, status: "canceling", updatedAt },
              endsAt: periodAt(created.body.startsAt, months, Date.parse(now)).periodEnd,
            },
      );
      c.equal("ETag changed", reply.headers.etag !== created.headers.etag, true, reply);
      c.equal("read back", await read(api, id), { etag: reply.headers.etag, body: reply.body }, reply);
    }),
  );
  const { active, canceling, canceled } = await inEachStatus(c, api);
  await c.part("in other states", async () => {
    const before = await readAll(api);
    for (const { id } of [canceling, canceled])
      for (const mode of MODES)
        await c.refused(
          api.cancelSubscription(409, { path: { subscriptionId: id }, body: { mode } }),
          "conflict",
          {},
        );
    c.equal("subscriptions", await readAll(api), before);
  });
  await c.part("at once", async () => {
    const path = { subscriptionId: (await subscribeTo(c, api, active.planId)).id };
    const replies = await Promise.all(
      ["now", "period_end", "now"].map((mode) =>
        api.send([200, 409], "cancelSubscription", { path, body: { mode } }),
      ),
    );
    const won = replies.filter(({ status }) => status === 200);
    c.equal("cancellations that won", won.length, 1, replies[0]);
    c.equal("after the race", (await read(api, path.subscriptionId)).body, won[0]?.body, won[0]);
  });
  await c.part("the event", () => events(c));
  await walkConventions(c, {
    tenant,
    call: { path: { subscriptionId: active.id }, body: { mode: "now" } },
    conflict: { path: { subscriptionId: canceled.id } },
    read: () => readAll(api),
  });
});

/** `subscription.canceled` happens when one is canceled now, and not when it only will be. */
async function events(c: Case): Promise<void> {
  const { api } = await c.tenant();
  // Nobody answers there: that there is a delivery is all that is asked.
  const url = "https://receiver.invalid/";
  const hook = await api.createWebhook(201, { body: { url, events: ["subscription.canceled"] } });
  const webhookId = hook.body.webhook.id;
  const { plan, subscription } = await subscribe(c, api);
  await cancel(api, subscription.id, "period_end");
  const { id } = await subscribeTo(c, api, plan.id);
  await cancel(api, id, "now");
  const deliveries = await c.until("a delivery of subscription.canceled", async () => {
    const { body } = await api.listDeliveries(200, { path: { webhookId } });
    return body.items.length > 0 ? body.items : undefined;
  });
  const told = deliveries.map(({ event, resourceId }) => ({ event, resourceId }));
  c.equal("deliveries", told, [{ event: "subscription.canceled", resourceId: id }]);
}

contract("resumeSubscription", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { active, canceling, canceled } = await inEachStatus(c, api);
  const path = { subscriptionId: canceling.id };
  await c.part("canceling", async () => {
    const before = await read(api, canceling.id);
    const others = (await readAll(api)).filter(({ id }) => id !== canceling.id);
    // A body is ignored where none is documented.
    const reply = await api.send(200, "resumeSubscription", { path, body: Buffer.from("{nonsense") });
    const resumed = reply.body as Subscription;
    const { endsAt: _, ...rest } = canceling;
    c.body(reply, { ...rest, status: "active", updatedAt: notBefore(canceling.updatedAt) });
    c.equal("ETag changed", reply.headers.etag !== before.etag, true, reply);
    await readBack(c, api, reply, resumed);
    c.equal(
      "others",
      (await readAll(api)).filter(({ id }) => id !== canceling.id),
      others,
      reply,
    );
    await c.refused(api.resumeSubscription(409, { path }), "conflict", {});
    // It is as active as any other.
    const headers = { "If-Match": reply.headers.etag ?? "" };
    await api.changeSubscription(200, { path, headers, body: { quantity: "3" } });
    const again = await cancel(api, canceling.id, "period_end");
    const { periodEnd } = periodAt(STARTED, 1, Date.parse(again.body.updatedAt));
    c.equal("/endsAt", again.body.endsAt, periodEnd, again);
    c.equal("/quantity", again.body.quantity, "3", again);
  });
  await c.part("in other states", async () => {
    const before = await readAll(api);
    for (const { id } of [active, canceled])
      await c.refused(api.resumeSubscription(409, { path: { subscriptionId: id } }), "conflict", {});
    c.equal("subscriptions", await readAll(api), before);
  });
  await c.part("at once", async () => {
    const one = { subscriptionId: (await subscribeTo(c, api, active.planId)).id };
    await cancel(api, one.subscriptionId, "period_end");
    const replies = await Promise.all([1, 2, 3].map(() => api.resumeSubscription([200, 409], { path: one })));
    c.equal("resumptions that won", replies.filter(({ status }) => status === 200).length, 1, replies[0]);
    c.equal("/status", (await read(api, one.subscriptionId)).body.status, "active", replies[0]);
  });
  await walkConventions(c, {
    tenant,
    call: { path },
    conflict: { path: { subscriptionId: active.id } },
    read: () => readAll(api),
  });
});
