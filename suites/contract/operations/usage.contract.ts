import { type Api, type Case, contract } from "../case.ts";
import { draft, finalize, STARTED, settled, subscribe, subscribeTo, withKey } from "../lib/billing.ts";
import {
  bill,
  eventOf,
  METER,
  meteredSubscription,
  type NewEvent,
  readEvents,
  record,
  recordAll,
  summaryOf,
  USED,
  type UsageEvent,
  usage,
} from "../lib/usage.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkList } from "../walk/list.ts";
import { goodAndBad, hundred, wholes } from "./usage/batch.ts";
import { ACCEPTED, byTime, cancelNow, getEvent, others, REFUSED, spelt, voidEvent } from "./usage/shared.ts";
import { bucketCounts, granularities, sumsFollow, vectors } from "./usage/summary.ts";

contract("recordUsage", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const [{ plan, subscription }, stranger] = await Promise.all([meteredSubscription(c, api), c.tenant()]);
  const foreign = await subscribe(c, stranger.api);
  const elsewhere = await subscribeTo(c, api, plan.id);
  const ok = (given: Partial<NewEvent> = {}) => usage(c, subscription.id, given);
  const recorded = await c.all(ACCEPTED, async (given) => {
    const body = ok(given);
    const reply = await api.recordUsage(201, { body });
    c.body(reply, eventOf(body));
    c.header(reply, "location", `/usage/events/${reply.body.id}`);
    c.equal("read back", await getEvent(api, reply.body.id), reply.body, reply);
    const again = await api.recordUsage(200, { body: spelt(body) });
    c.body(again, reply.body);
    return { body, event: reply.body };
  });
  const events = recorded.map(({ event }) => event).sort(byTime);
  c.equal("events", await readEvents(api), events);
  const refuse = (status: 409 | 422, body: object) => api.send(status, "recordUsage", { body });
  const conflict = (body: object) => c.refused(refuse(409, body), "conflict", {});
  const known = recorded[0]?.body ?? ok();
  await c.part("what is refused", async () => {
    const wrong = [
      ...REFUSED,
      [{ subscriptionId: c.unknownId("sub") }, ["/subscriptionId"]] as const,
      [{ subscriptionId: foreign.subscription.id }, ["/subscriptionId"]] as const,
      // The eventId is known, and what is wrong is told first.
      [{ ...known, subscriptionId: c.unknownId("sub") }, ["/subscriptionId"]] as const,
      [{ ...known, occurredAt: "2026-01-31T09:29:59.999Z" }, ["/occurredAt"]] as const,
      [{ subscriptionId: c.unknownId("sub"), quantity: "-1" }, ["/quantity"]] as const,
    ];
    await c.all(wrong, ([given, pointers]) =>
      c.refused(refuse(422, { ...ok(), ...given }), "validation-failed", { pointers }),
    );
    for (const other of others(known, elsewhere.id)) await conflict(other);
    c.equal("events", await readEvents(api), events);
  });
  await c.part("another account's eventId", async () => {
    const body = { ...known, subscriptionId: foreign.subscription.id };
    c.body(await stranger.api.recordUsage(201, { body }), eventOf(body));
  });
  await c.part("a canceled subscription", async () => {
    const body = usage(c, elsewhere.id);
    const path = { subscriptionId: elsewhere.id };
    await api.cancelSubscription(200, { path, body: { mode: "period_end" } });
    const event = await record(api, body);
    await api.resumeSubscription(200, { path });
    await cancelNow(api, elsewhere.id);
    c.body(await api.recordUsage(200, { body: spelt(body) }), event);
    await conflict({ ...body, quantity: "1" });
    await conflict(usage(c, elsewhere.id));
    await c.refused(refuse(422, usage(c, elsewhere.id, { quantity: "x" })), "validation-failed", {
      pointers: ["/quantity"],
    });
  });
  await c.part("a voided event", async () => {
    const body = ok();
    await voidEvent(api, (await record(api, body)).id);
    await conflict(body);
    await conflict({ ...body, quantity: "1" });
  });
  await c.part("at once", () => recordRaces(c, api, subscription.id));
  await walkConventions(c, {
    tenant,
    call: { body: ok() },
    conflict: { body: { ...known, quantity: "7" } },
    read: () => readEvents(api),
  });
});

/** Of the same request at once one is first; of different ones with an eventId one wins. */
async function recordRaces(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const body = usage(c, subscriptionId);
  const same = await Promise.all([1, 2, 3, 4].map(() => api.recordUsage([201, 200], { body })));
  const first = same.find(({ status }) => status === 201);
  c.equal("recorded in a race", same.filter(({ status }) => status === 201).length, 1, same[0]);
  for (const reply of same) c.body(reply, first?.body);
  const one = usage(c, subscriptionId);
  const different = await Promise.all(
    ["1", "2", "3"].map((quantity) => api.send([201, 409], "recordUsage", { body: { ...one, quantity } })),
  );
  const won = different.filter(({ status }) => status === 201);
  c.equal("recorded of different ones", won.length, 1, different[0]);
  const listed = await readEvents(api);
  const mine = listed.filter(({ eventId }) => [body.eventId, one.eventId].includes(eventId));
  const wanted = [first?.body, won[0]?.body] as readonly UsageEvent[];
  c.equal("events after the races", mine, [...wanted].sort(byTime), same[0]);
}

contract("recordUsageBatch", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { subscription } = await meteredSubscription(c, api);
  const ok = () => usage(c, subscription.id);
  await c.part("good and bad items", () => goodAndBad(c, api));
  await c.part("the whole", () => wholes(c, api, ok));
  await c.part("a hundred", () => hundred(c));
  await walkConventions(c, {
    tenant,
    call: { body: { events: [ok(), ok()] } },
    read: () => readEvents(api),
  });
});

contract("listUsageEvents", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { plan, subscription } = await meteredSubscription(c, api);
  const second = await subscribeTo(c, api, plan.id);
  const at = (hour: number) => new Date(Date.parse(USED) + hour * 3_600_000).toISOString();
  // Three of each hour, so that ids decide; two subscriptions, two meters.
  const recorded = await recordAll(
    c,
    api,
    Array.from({ length: 24 }, (_, index) =>
      usage(c, index % 2 === 0 ? subscription.id : second.id, {
        meter: index % 3 === 0 ? "storage" : METER,
        quantity: `${index}.25`,
        occurredAt: at((index * 5) % 8),
      }),
    ),
  );
  const stranger = await c.tenant();
  const foreign = await meteredSubscription(c, stranger.api);
  await recordAll(
    c,
    stranger.api,
    [1, 2].map(() => usage(c, foreign.subscription.id)),
  );
  const filter = (query: Record<string, string>) => ({
    query,
    keeps: (item: object) => keeps(item as UsageEvent, query),
  });
  await walkList(c, {
    api,
    items: recorded,
    by: "occurredAt",
    direction: "ascending",
    filters: [
      filter({ subscriptionId: second.id }),
      filter({ meter: METER }),
      filter({ from: at(2) }),
      filter({ to: at(6) }),
      filter({ from: at(2), to: at(5), meter: METER, subscriptionId: subscription.id }),
    ],
    // Before, among and after what is there.
    add: () =>
      recordAll(
        c,
        api,
        [-1, 3.5, 9].map((hour) => usage(c, second.id, { occurredAt: at(hour) })),
      ),
    stranger: stranger.api,
  });
  await c.part("edges of the range", async () => {
    const near = (ms: number) => new Date(Date.parse(at(3)) + ms).toISOString();
    const all = await readEvents(api);
    const ranges = [
      { from: at(3), to: near(1) },
      { from: near(1), to: at(4) },
      { from: near(-1), to: at(3) },
      { from: at(3).replace("T11", "T12").replace("Z", "+01:00"), to: at(4) },
      { from: "2999-01-01T00:00:00Z" },
      { to: STARTED },
      { meter: "nothing" },
      { subscriptionId: c.unknownId("sub") },
      { subscriptionId: foreign.subscription.id },
      { meter: "storage", subscriptionId: subscription.id, from: at(1), to: at(8) },
    ];
    await c.all(ranges, async (query) => {
      const reply = await api.listUsageEvents(200, { query: { ...query, limit: 100 } });
      c.body(reply, { items: all.filter((event) => keeps(event, query)) });
    });
    for (const from of [at(3), at(4)])
      await c.refused(api.listUsageEvents(400, { query: { from, to: at(3) } }), "malformed-request");
  });
  await c.part("what is written is listed", () => listFollows(c));
  const empty = await c.tenant();
  c.body(await empty.api.listUsageEvents(200), { items: [] });
  await walkConventions(c, { tenant: empty, call: {} });
});

function keeps(event: UsageEvent, query: Readonly<Record<string, string>>): boolean {
  const { subscriptionId = event.subscriptionId, meter = event.meter, from, to } = query;
  const at = Date.parse(event.occurredAt);
  return (
    event.subscriptionId === subscriptionId &&
    event.meter === meter &&
    (from === undefined || at >= Date.parse(from)) &&
    (to === undefined || at < Date.parse(to))
  );
}

/** After each write the list shows what it acknowledged: recorded, billed, released, voided. */
async function listFollows(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const { subscription } = await meteredSubscription(c, api);
  const { id: subscriptionId } = subscription;
  const lists = async (events: readonly UsageEvent[]): Promise<void> => {
    const [all, some] = await c.all([{}, { subscriptionId, meter: METER, from: STARTED }], (query) =>
      api.listUsageEvents(200, { query }),
    );
    c.equal("all", all?.body, { items: events }, all);
    c.equal("some", some?.body, { items: events }, some);
  };
  await lists([]);
  const late = await record(api, usage(c, subscriptionId));
  await lists([late]);
  const early = await record(api, usage(c, subscriptionId, { occurredAt: STARTED, quantity: "7" }));
  await lists([early, late]);
  const { id: invoiceId } = await bill(c, api, subscriptionId);
  await lists([early, late].map((event) => ({ ...event, invoiceId })));
  await api.voidInvoice(200, { path: { invoiceId } });
  await lists([early, late]);
  await voidEvent(api, early.id);
  await lists([late]);
}

contract("getUsageEvent", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { subscription } = await meteredSubscription(c, api);
  const body = usage(c, subscription.id, { eventId: `usg_${c.newKey().replaceAll("-", "")}` });
  const event = await record(api, body);
  const path = { usageEventId: event.id };
  const reply = await api.getUsageEvent(200, { path });
  c.body(reply, eventOf(body));
  c.body(reply, event);
  // The client's id is not the event's.
  await c.refused(api.getUsageEvent(404, { path: { usageEventId: body.eventId } }), "not-found", {});
  await walkConventions(c, { tenant, call: { path }, read: () => getEvent(api, event.id) });
  await c.part("billed, released, voided", async () => {
    const { id: invoiceId } = await bill(c, api, subscription.id);
    c.body(await api.getUsageEvent(200, { path }), { ...event, invoiceId });
    await api.voidInvoice(200, { path: { invoiceId } });
    c.body(await api.getUsageEvent(200, { path }), event);
    await cancelNow(api, subscription.id);
    c.body(await api.getUsageEvent(200, { path }), event);
    await voidEvent(api, event.id);
    await c.refused(api.getUsageEvent(404, { path }), "not-found", {});
  });
});

contract("voidUsageEvent", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { plan, subscription } = await meteredSubscription(c, api);
  const bodies = ["1", "20", "300", "4000"].map((quantity) => usage(c, subscription.id, { quantity }));
  const [first, second, third, fourth] = (await recordAll(c, api, bodies)) as [
    ...[UsageEvent, UsageEvent, UsageEvent, UsageEvent],
  ];
  const path = { usageEventId: first.id };
  const range = {
    meter: METER,
    from: STARTED,
    to: "2026-03-01T00:00:00.000Z",
    granularity: "month",
  } as const;
  /** What every read shows: exactly these. */
  const remain = async (events: readonly UsageEvent[]): Promise<void> => {
    c.equal("events", await readEvents(api), [...events].sort(byTime));
    const sums = await api.getUsageSummary(200, { path: { subscriptionId: subscription.id }, query: range });
    c.body(sums, summaryOf(subscription.id, range, events));
  };
  await remain([first, second, third, fourth]);
  await c.part("recorded", async () => {
    // A body is ignored where none is documented.
    const reply = await api.send(204, "voidUsageEvent", { path, body: Buffer.from("{nonsense") });
    c.equal("body", reply.text, "", reply);
    await c.refused(api.getUsageEvent(404, { path }), "not-found", {});
    await remain([second, third, fourth]);
    await c.refused(api.voidUsageEvent(404, { path }), "not-found", {});
    // The eventId stays taken.
    const body = bodies[0] as NewEvent;
    await c.refused(api.recordUsage(409, { body }), "conflict", {});
    await c.refused(api.recordUsage(409, { body: { ...body, quantity: "2" } }), "conflict", {});
    await remain([second, third, fourth]);
  });
  await c.part("at once", async () => {
    const one = { usageEventId: second.id };
    const replies = await Promise.all([1, 2, 3].map(() => api.voidUsageEvent([204, 404], { path: one })));
    c.equal("voided", replies.filter(({ status }) => status === 204).length, 1, replies[0]);
    await remain([third, fourth]);
  });
  const drafted = await draft(c, api, subscription.id, { periodStart: STARTED });
  await c.part("on an invoice", async () => {
    // A draft claims nothing; what is voided is not billed.
    await voidEvent(api, third.id);
    const invoice = await finalize(c, api, drafted.body.id);
    c.equal("/subtotal", invoice.body.subtotal, 2000, invoice);
    await c.refused(api.voidUsageEvent(409, { path: { usageEventId: fourth.id } }), "conflict", {});
    await remain([{ ...fourth, invoiceId: invoice.body.id }]);
  });
  const free = await record(api, usage(c, subscription.id, { quantity: "5" }));
  await walkConventions(c, {
    tenant,
    call: { path: { usageEventId: free.id } },
    conflict: { path: { usageEventId: fourth.id } },
    read: () => readEvents(api),
  });
  await c.part("on a void invoice", async () => {
    await api.voidInvoice(200, { path: { invoiceId: drafted.body.id } });
    await voidEvent(api, fourth.id);
    await cancelNow(api, subscription.id);
    await remain([free]);
    await voidEvent(api, free.id);
    await remain([]);
  });
  await c.part("while it is billed", () => voidWhileBilled(c, api, plan.id));
});

/** Voided and billed exclude each other. */
async function voidWhileBilled(c: Case, api: Api, planId: string): Promise<void> {
  const { id } = await subscribeTo(c, api, planId);
  const event = await record(api, usage(c, id, { quantity: "1000" }));
  const { body } = await draft(c, api, id, { periodStart: STARTED });
  const path = { usageEventId: event.id };
  const [reply] = await Promise.all([
    api.voidUsageEvent([204, 409], { path }),
    api.finalizeInvoice(202, { path: { invoiceId: body.id }, headers: withKey(c) }),
  ]);
  const invoice = await settled(c, api, body.id);
  const billed = reply.status === 409;
  c.equal("/status", invoice.body.status, billed ? "open" : "failed", invoice);
  c.equal("/subtotal", invoice.body.subtotal, billed ? 500 : 0, invoice);
  const read = await api.getUsageEvent(billed ? 200 : 404, { path });
  if (billed) c.body(read, { ...event, invoiceId: body.id });
}

contract("getUsageSummary", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { plan, subscription } = await meteredSubscription(c, api);
  const { id: subscriptionId } = subscription;
  const path = { subscriptionId };
  const other = await subscribeTo(c, api, plan.id);
  await c.part("vectors", () => vectors(c, api, subscriptionId, other.id));
  await c.part("by hour, day and month", () => granularities(c, api, subscriptionId));
  await c.part("how many buckets", () => bucketCounts(c, api, subscriptionId));
  await c.part("what is written is summed", () => sumsFollow(c, api, plan.id));
  await walkConventions(c, {
    tenant,
    call: {
      path,
      query: {
        meter: METER,
        from: "2026-02-03T10:00:00+04:00",
        to: "2026-02-05T00:00:00Z",
        granularity: "day",
      },
    },
  });
});
