import { type Case, contract } from "../case.ts";
import {
  FLAT,
  METERED,
  STARTED,
  type Subscription,
  subscribe,
  subscribeTo,
  withKey,
} from "../lib/billing.ts";
import { anId, notBefore } from "../lib/match.ts";
import { periodAt } from "../lib/periods.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { walkList } from "../walk/list.ts";
import { changes, refusals, vectors } from "./subscriptions/change.ts";
import { ACCEPTED, BAD_QUANTITIES, BAD_TIMES, idempotency } from "./subscriptions/create.ts";
import {
  archivedPlan,
  cancel,
  createPlan,
  inEachStatus,
  MODES,
  read,
  readAll,
  readBack,
  SEATS,
  YEARLY,
} from "./subscriptions/shared.ts";

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
  const onPlan = (planId: string) => ({
    query: { planId },
    keeps: (one: object) => "planId" in one && one.planId === planId,
  });
  const planId = plans[1]?.id ?? "";
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
      onPlan(planId),
    ],
    add: () => subscribeTo(c, api, planId),
    stranger: stranger.api,
  });
  c.body(await api.listSubscriptions(200, { query: { planId: c.unknownId("plan") } }), { items: [] });
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
  await c.part("Idempotency-Key", () => idempotency(c, api));
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

contract("cancelSubscription", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const plans = await c.all([FLAT, YEARLY, METERED], (plan) => createPlan(api, plan));
  const [monthly, yearly, metered] = plans.map(({ id }) => id) as [string, string, string];
  const far = "2998-12-31T00:00:00.000Z";
  const cases: readonly (readonly [mode: (typeof MODES)[number], planId: string, startsAt?: string])[] = [
    ["period_end", monthly],
    ["period_end", yearly],
    ["period_end", metered, STARTED],
    ["period_end", yearly, "2024-02-29T23:59:59.999Z"],
    ["period_end", monthly, "1999-12-30T00:00:00.000Z"],
    ["period_end", yearly, "2020-08-31T12:00:00+09:00"],
    ["period_end", monthly, far],
    ["now", monthly, STARTED],
    ["now", yearly, far],
  ];
  await c.all(cases, ([mode, planId, startsAt]) =>
    c.part(`${mode}, since ${startsAt}`, async () => {
      const months = planId === yearly ? 12 : 1;
      const body = { planId, quantity: "2.5", ...(startsAt && { startsAt }) };
      const created = await api.createSubscription(201, { headers: withKey(c), body });
      const { id } = created.body;
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
