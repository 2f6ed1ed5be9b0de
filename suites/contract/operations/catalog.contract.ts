import { contract } from "../case.ts";
import { anId, justNow, notBefore } from "../lib/match.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { walkList } from "../walk/list.ts";
import { walkPatch } from "../walk/patch.ts";
import {
  BODIES,
  createPlan,
  FLAT,
  GRADUATED,
  type NewPlan,
  PER_UNIT,
  type Plan,
  readPlan,
  readPlans,
} from "./catalog/plan.ts";
import { quotes } from "./catalog/quote.ts";
import { planRules, tiers } from "./catalog/rules.ts";

contract("listPlans", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const created = await c.all(Array.from({ length: 22 }), async (_, index) => {
    const { body } = await createPlan(tenant, { ...(BODIES[index % 3] ?? FLAT), name: `plan ${index}` });
    if (index % 3 !== 0) return body;
    return (await api.archivePlan(200, { path: { planId: body.id } })).body;
  });
  const stranger = await c.tenant();
  await c.all([1, 2], () => createPlan(stranger, FLAT));
  const list = { api, items: created, by: "createdAt", direction: "ascending" } as const;
  await walkList(c, {
    ...list,
    filters: ["active", "archived"].map((status) => ({
      query: { status },
      keeps: (plan) => plan.status === status,
    })),
    add: () => createPlan(tenant, FLAT),
    stranger: stranger.api,
  });
  const empty = await c.tenant();
  c.body(await empty.api.listPlans(200), { items: [] });
  await walkConventions(c, { tenant: empty, call: {} });
});

contract("createPlan", async (c) => {
  const tenant = await c.tenant({ currency: "CHF" });
  const wholes: readonly (readonly [given: NewPlan, shown: Partial<Plan>])[] = [
    [FLAT, { currency: "CHF" }],
    [PER_UNIT, { pricing: { model: "per_unit", unitPrice: "99.9" } }],
    [
      GRADUATED,
      {
        pricing: { model: "graduated", tiers: [{ upTo: "1000.5", unitPrice: "0" }, { unitPrice: "0.002" }] },
      },
    ],
    // What is allowed just so, and comes back as it was sent.
    [
      {
        name: `\u0001 ${"😀".repeat(117)} `,
        description: "e\u0301\n".repeat(333),
        currency: "JPY",
        interval: "year",
        pricing: { model: "flat", amount: 9007199254740991 },
      },
      {},
    ],
    [
      {
        name: "0",
        description: "-",
        currency: "TND",
        interval: "month",
        pricing: { model: "flat", amount: 0 },
      },
      {},
    ],
    [
      {
        ...PER_UNIT,
        meter: `a${"_9".repeat(15)}z`,
        pricing: { model: "per_unit", unitPrice: "999999999999999999.999999" },
      },
      { meter: `a${"_9".repeat(15)}z` },
    ],
    [
      { ...GRADUATED, pricing: { model: "graduated", tiers: tiers(20) } },
      { pricing: { model: "graduated", tiers: tiers(20) } },
    ],
    [
      { ...GRADUATED, meter: "m", pricing: { model: "graduated", tiers: [{ unitPrice: "0.000001" }] } },
      { meter: "m" },
    ],
    [
      {
        ...GRADUATED,
        pricing: {
          model: "graduated",
          tiers: [
            { upTo: "0.000001", unitPrice: "10.10" },
            { upTo: "999999999999999999.999999", unitPrice: "3.000" },
            { unitPrice: "100" },
          ],
        },
      },
      {
        pricing: {
          model: "graduated",
          tiers: [
            { upTo: "0.000001", unitPrice: "10.1" },
            { upTo: "999999999999999999.999999", unitPrice: "3" },
            { unitPrice: "100" },
          ],
        },
      },
    ],
  ];
  const created = await c.all(wholes, async ([given, shown]) => {
    const reply = await createPlan(tenant, given);
    const { id, createdAt } = reply.body;
    c.body(reply, {
      id: anId("plan"),
      status: "active",
      createdAt: justNow(),
      updatedAt: createdAt,
      ...given,
      ...shown,
    });
    c.header(reply, "location", `/plans/${id}`);
    const read = await tenant.api.getPlan(200, { path: { planId: id } });
    c.body(read, reply.body);
    c.header(read, "etag", reply.headers.etag);
    return reply.body;
  });
  c.equal("ids, each once", new Set(created.map((plan) => plan.id)).size, wholes.length);
  await planRules(c, (pricing, meter) =>
    tenant.api.send(422, "createPlan", { body: { ...FLAT, ...(meter && { meter }), pricing } }),
  );
  await c.part("flat with a meter", () =>
    c.refused(tenant.api.send(422, "createPlan", { body: { ...FLAT, meter: "m" } }), "validation-failed", {
      pointers: ["/meter"],
    }),
  );
  await c.refused(
    tenant.api.send(422, "createPlan", {
      body: {
        name: "",
        interval: "week",
        nmae: 1,
        pricing: { model: "per_unit", amount: 1, unitPrice: "1." },
      },
    }),
    "validation-failed",
    { pointers: ["/name", "/interval", "/nmae", "/pricing/amount", "/pricing/unitPrice"] },
  );
  await walkConventions(c, {
    tenant,
    call: { body: PER_UNIT },
    bodies: BODIES,
    // More tiers than there may be break their order too.
    skip: (violation) => violation.keyword === "maxItems",
    read: () => readPlans(tenant),
  });
});

contract("getPlan", async (c) => {
  const tenant = await c.tenant();
  const stranger = await c.tenant();
  await c.all(BODIES, async (body) => {
    const created = await createPlan(tenant, body);
    const path = { planId: created.body.id };
    const reply = await tenant.api.getPlan(200, { path });
    c.body(reply, created.body);
    c.header(reply, "etag", created.headers.etag);
    const archived = await tenant.api.archivePlan(200, { path });
    const later = await tenant.api.getPlan(200, { path });
    c.body(later, archived.body);
    c.header(later, "etag", archived.headers.etag);
  });
  const { body } = await createPlan(tenant, FLAT);
  await walkConventions(c, { tenant, call: { path: { planId: body.id } } }, stranger);
});

contract("updatePlan", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const created = await createPlan(tenant, { ...FLAT, description: "Old" });
  const path = { planId: created.body.id };
  const get = () => api.getPlan(200, { path });
  const perUnit = { model: "per_unit", unitPrice: "12.5" };
  await walkPatch(c, {
    api,
    path,
    get,
    steps: [
      { patch: {} },
      { patch: { name: "Team", description: "Old", pricing: { amount: 4900 } } },
      { patch: { name: " Néw ", description: null }, changes: { name: " Néw ", description: undefined } },
      { patch: { description: null } },
      { patch: { description: "Again" }, changes: { description: "Again" } },
      { patch: { pricing: {} } },
      { patch: { pricing: { unitPrice: null, tiers: null } } },
      { patch: { pricing: { amount: 0 } }, changes: { pricing: { model: "flat", amount: 0 } } },
      {
        patch: { pricing: { model: "per_unit", unitPrice: "12.50", amount: null } },
        changes: { pricing: perUnit },
      },
      { patch: { pricing: { unitPrice: "12.500" } } },
      {
        patch: { pricing: { model: "graduated", unitPrice: null, tiers: tiers(3) } },
        changes: { pricing: { model: "graduated", tiers: tiers(3) } },
      },
      {
        patch: { pricing: { tiers: [{ unitPrice: "7.0" }] } },
        changes: { pricing: { model: "graduated", tiers: [{ unitPrice: "7" }] } },
      },
      {
        patch: { name: "Last", pricing: { model: "flat", amount: 9007199254740991, tiers: null } },
        changes: { name: "Last", pricing: { model: "flat", amount: 9007199254740991 } },
      },
    ],
  });
  c.equal("plans", await readPlans(tenant), [(await get()).body]);
  const etag = async () => (await get()).headers.etag ?? "";
  await walkPreconditionHolds(c, { tenant, call: { path, body: {} }, etag });
  await c.part("what cannot be merged", async () => {
    const metered = await createPlan(tenant, PER_UNIT);
    const before = await readPlan(tenant, metered.body.id);
    const refuse = (patch: unknown, pointers: readonly string[]) =>
      c.refused(
        api.send(422, "updatePlan", {
          path: { planId: metered.body.id },
          headers: { "If-Match": metered.headers.etag },
          body: patch,
        }),
        "validation-failed",
        { pointers },
      );
    await refuse({ pricing: { model: "graduated", unitPrice: null } }, ["/pricing/tiers"]);
    await refuse({ pricing: { model: "graduated", tiers: tiers(2) } }, ["/pricing/unitPrice"]);
    await refuse({ pricing: { unitPrice: null } }, ["/pricing/unitPrice"]);
    await refuse({ pricing: { amount: 1 } }, ["/pricing/amount"]);
    await refuse({ pricing: { model: "flat", amount: 1, unitPrice: null } }, ["/pricing/model"]);
    await refuse({ name: null, pricing: null }, ["/name", "/pricing"]);
    await refuse({ pricing: { model: null } }, ["/pricing/model"]);
    await refuse({ currency: "EUR", status: "active", meter: null }, ["/currency", "/status", "/meter"]);
    await planRules(c, (pricing) =>
      api.send(422, "updatePlan", {
        path: { planId: metered.body.id },
        headers: { "If-Match": metered.headers.etag },
        body: { pricing },
      }),
    );
    c.equal("plan", await readPlan(tenant, metered.body.id), before);
  });
  await c.part("updates at once", async () => {
    const before = await get();
    const headers = { "If-Match": before.headers.etag ?? "" };
    const replies = await Promise.all(
      ["a", "b", "c"].map((name) => api.updatePlan([200, 412], { path, headers, body: { name } })),
    );
    const won = replies.filter((reply) => reply.status === 200);
    c.equal("updates that won with one ETag", won.length, 1, replies[0]);
    c.equal("plan after the race", (await get()).body, won[0]?.body, won[0]);
  });
  const archived = await createPlan(tenant, FLAT);
  const gone = { planId: archived.body.id };
  const { headers } = await api.archivePlan(200, { path: gone });
  const conflict = { path: gone, headers: { "If-Match": headers.etag }, body: { name: "New" } };
  await c.refused(api.send(409, "updatePlan", { ...conflict, body: {} }), "conflict", {});
  await walkConventions(c, {
    tenant,
    call: { path, body: { name: "Other", description: "Other", pricing: { amount: 1 } } },
    bodies: [
      { name: "Other", description: "Other", pricing: { model: "flat", amount: 1 } },
      { pricing: { unitPrice: "1" } },
      { pricing: { tiers: tiers(2) } },
    ],
    skip: (violation) => violation.keyword === "maxItems",
    etag,
    conflict,
    read: async () => [await readPlans(tenant), await readPlan(tenant, path.planId)],
  });
});

contract("archivePlan", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const [created, other] = await c.all([PER_UNIT, FLAT], (body) => createPlan(tenant, body));
  if (created === undefined || other === undefined) return;
  const path = { planId: created.body.id };
  const { id: subscriptionId } = (
    await api.createSubscription(201, { headers: { "Idempotency-Key": c.newKey() }, body: path })
  ).body;
  // A body is ignored where none is documented.
  const reply = await api.send(200, "archivePlan", { path, body: Buffer.from("{nonsense") });
  c.body(reply, { ...created.body, status: "archived", updatedAt: notBefore(created.body.updatedAt) });
  c.equal("ETag changed", reply.headers.etag !== created.headers.etag, true, reply);
  c.equal("read back", await readPlan(tenant, path.planId), { etag: reply.headers.etag, body: reply.body });
  c.equal("plans", await readPlans(tenant), byCreation(reply.body as Plan, other.body));
  await c.refused(
    api.createSubscription(409, { headers: { "Idempotency-Key": c.newKey() }, body: path }),
    "conflict",
    {},
  );
  const running = await api.getSubscription(200, { path: { subscriptionId } });
  c.equal("/status of a subscription on it", running.body.status, "active", running);
  const quote = await api.quotePlan(200, { path, body: { quantity: "2" } });
  c.equal("/total of a quote of it", quote.body.total, 23776, quote);
  await c.part("at once", async () => {
    const { body } = await createPlan(tenant, FLAT);
    const replies = await Promise.all(
      [1, 2, 3].map(() => api.archivePlan([200, 409], { path: { planId: body.id } })),
    );
    c.equal("archivings that won", replies.filter(({ status }) => status === 200).length, 1, replies[0]);
  });
  await walkConventions(c, {
    tenant,
    call: { path: { planId: other.body.id } },
    conflict: { path },
    read: () => readPlans(tenant),
  });
});

function byCreation(...plans: readonly Plan[]): readonly Plan[] {
  const key = (plan: Plan) => `${plan.createdAt} ${plan.id}`;
  return [...plans].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

contract("quotePlan", quotes);
