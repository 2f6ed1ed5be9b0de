import { type Answer, type Api, type Case, contract } from "../case.ts";
import { draft, finalize, STARTED, settled, subscribe, subscribeTo, withKey } from "../lib/billing.ts";
import { checkProblem, type Slug } from "../lib/problems.ts";
import {
  bill,
  eventOf,
  METER,
  meteredSubscription,
  type NewEvent,
  readEvents,
  record,
  recordAll,
  type SummaryQuery,
  summaryOf,
  USED,
  type UsageEvent,
  usage,
} from "../lib/usage.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkList } from "../walk/list.ts";

async function getEvent(api: Api, usageEventId: string): Promise<UsageEvent> {
  return (await api.getUsageEvent(200, { path: { usageEventId } })).body;
}

function voidEvent(api: Api, usageEventId: string) {
  return api.voidUsageEvent(204, { path: { usageEventId } });
}

function cancelNow(api: Api, subscriptionId: string) {
  return api.cancelSubscription(200, { path: { subscriptionId }, body: { mode: "now" } });
}

/** The same event, spelt in another way: the instant with an offset, the quantity with all six decimals. */
function spelt(event: NewEvent): NewEvent {
  const earlier = new Date(Date.parse(event.occurredAt) - 19_800_000).toISOString();
  const [whole = "", fraction = ""] = event.quantity.split(".");
  return {
    ...event,
    quantity: `${whole}.${fraction.padEnd(6, "0")}`,
    occurredAt: earlier.replace("Z", "-05:30"),
  };
}

/** Other requests with the same eventId, each other in one member. */
function others(event: NewEvent, elsewhere: string): readonly NewEvent[] {
  return [
    { ...event, quantity: "98.7" },
    { ...event, meter: `${event.meter}_` },
    { ...event, occurredAt: new Date(Date.parse(event.occurredAt) + 1).toISOString() },
    { ...event, subscriptionId: elsewhere },
  ];
}

/** Good events at the edges of what is allowed. */
const ACCEPTED: readonly Partial<NewEvent>[] = [
  { eventId: "0", meter: "a", quantity: "0", occurredAt: STARTED },
  { eventId: "aZ09._:-".repeat(8), meter: `a${"_9".repeat(15)}z`, quantity: "0.000001" },
  { quantity: "999999999999999999.999999", occurredAt: "2999-12-31T23:59:59.999Z" },
  { quantity: "10.10", occurredAt: "2026-02-03T09:15:00.5+01:00" },
  { quantity: "3.000", occurredAt: "2028-02-28T23:30:00.05-01:00" },
];

/** Bad values, and where each is pointed at; `subscriptionId` and so on are good where they are not named. */
const REFUSED: readonly (readonly [given: object, pointers: readonly string[]])[] = [
  [{ eventId: " a" }, ["/eventId"]],
  [{ eventId: "a b", meter: " m", quantity: " 1" }, ["/eventId", "/meter", "/quantity"]],
  [
    { eventId: "a/b", meter: "M", quantity: "1.", occurredAt: "2026-02-29T00:00:00Z" },
    [...["/eventId", "/meter", "/quantity", "/occurredAt"]],
  ],
  [
    { eventId: "ä", meter: "9m", quantity: "01", occurredAt: "3000-01-01T00:00:00Z" },
    [...["/eventId", "/meter", "/quantity", "/occurredAt"]],
  ],
  [
    { meter: "a-b", quantity: "1e3", occurredAt: "1970-01-01T00:00:00+00:01" },
    [...["/meter", "/quantity", "/occurredAt"]],
  ],
  [{ quantity: "-1", occurredAt: "2026-02-03T08:15:00" }, ["/quantity", "/occurredAt"]],
  [{ quantity: 1, occurredAt: 1, id: "usg_1" }, ["/quantity", "/occurredAt", "/id"]],
  [{ quantity: "1.0000001", occurredAt: "2026-02-03T08:15:00.1234Z" }, ["/quantity", "/occurredAt"]],
  [{ quantity: "1000000000000000000", occurredAt: "2026-02-03t08:15:00Z" }, ["/quantity", "/occurredAt"]],
  [{ occurredAt: "2026-01-31T09:29:59.999Z" }, ["/occurredAt"]],
  [{ occurredAt: "2026-01-31T10:29:59.999+01:00" }, ["/occurredAt"]],
];

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

/** Ties are broken by the id. */
function byTime(a: UsageEvent, b: UsageEvent): number {
  return `${a.occurredAt} ${a.id}` < `${b.occurredAt} ${b.id}` ? -1 : 1;
}

/** What is wanted of one item of a batch. */
type WantedItem =
  | readonly [status: "recorded" | "duplicate", event: unknown]
  | readonly [status: "rejected", slug: Slug, pointers: readonly string[]];

/** The items of a batch's answer, one for one; of a problem what is fixed, and where it points. */
function checkItems(c: Case, reply: Answer, wanted: readonly WantedItem[]): void {
  const { items } = reply.body as { items: readonly { problem?: { status?: number } }[] };
  const shown = wanted.map(([status, what], index) => {
    const problem = items[index]?.problem;
    return { index, status, ...(status === "rejected" ? { problem } : { event: what }) };
  });
  c.body(reply, { items: shown });
  for (const [index, [status, slug, pointers]] of wanted.entries())
    if (status === "rejected") {
      const conflict = slug === "conflict";
      const found = checkProblem(items[index]?.problem, conflict ? 409 : 422, [slug as Slug], {
        pointers: pointers ?? [],
      });
      for (const { pointer, got, wanted: should } of found)
        c.equal(`/items/${index}/problem${pointer}`, got, should, reply);
    }
}

contract("recordUsageBatch", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { plan, subscription } = await meteredSubscription(c, api);
  const ok = (given: Partial<NewEvent> = {}) => usage(c, subscription.id, given);
  const [elsewhere, canceled] = await c.all([1, 2], () => subscribeTo(c, api, plan.id));
  const foreign = await subscribe(c, (await c.tenant()).api);
  // Events that were there before: one is invoiced by now, one voided, one of a subscription since canceled.
  const before = [ok(), ok(), usage(c, canceled?.id ?? "")] as const;
  const [, voided, kept] = await recordAll(c, api, before);
  await voidEvent(api, voided?.id ?? "");
  await cancelNow(api, canceled?.id ?? "");
  const { id: invoiceId } = await bill(c, api, subscription.id);
  const invoiced = { ...eventOf(before[0]), invoiceId };
  await c.part("good and bad items", async () => {
    const good = [ok(), ok({ quantity: "0.000", meter: "other" }), ok({ occurredAt: STARTED })] as const;
    const mixed: readonly (readonly [item: object, wanted: WantedItem])[] = [
      [good[0], ["recorded", eventOf(good[0])]],
      [spelt(good[0]), ["duplicate", eventOf(good[0])]],
      [{ ...good[0], quantity: "-1" }, ["rejected", "validation-failed", ["/quantity"]]],
      [{ ...good[0], quantity: "13" }, ["rejected", "conflict", []]],
      [
        {},
        [
          "rejected",
          "validation-failed",
          ["eventId", "subscriptionId", "meter", "quantity", "occurredAt"].map((name) => `/${name}`),
        ],
      ],
      // Only what was recorded takes an eventId.
      [{ ...good[1], quantity: "1", nope: 1 }, ["rejected", "validation-failed", ["/nope"]]],
      [good[1], ["recorded", eventOf(good[1])]],
      [before[0], ["duplicate", invoiced]],
      [{ ...before[0], meter: "other" }, ["rejected", "conflict", []]],
      [before[1], ["rejected", "conflict", []]],
      [before[2], ["duplicate", kept]],
      [usage(c, canceled?.id ?? ""), ["rejected", "conflict", []]],
      [ok({ subscriptionId: c.unknownId("sub") }), ["rejected", "validation-failed", ["/subscriptionId"]]],
      [
        ok({ subscriptionId: foreign.subscription.id }),
        ["rejected", "validation-failed", ["/subscriptionId"]],
      ],
      [ok({ occurredAt: "2026-01-31T09:29:59.999Z" }), ["rejected", "validation-failed", ["/occurredAt"]]],
      [ok({ eventId: "a\u0000" }), ["rejected", "validation-failed", ["/eventId"]]],
      [
        ok({ eventId: " a", meter: "A", quantity: "1." }),
        ["rejected", "validation-failed", ["/eventId", "/meter", "/quantity"]],
      ],
      [
        { ...ok(), quantity: 1, occurredAt: null },
        ["rejected", "validation-failed", ["/quantity", "/occurredAt"]],
      ],
      [good[2], ["recorded", eventOf(good[2])]],
      [{ ...good[2], subscriptionId: elsewhere?.id }, ["rejected", "conflict", []]],
    ];
    const body = { events: mixed.map(([item]) => item) };
    const reply = await api.send(200, "recordUsageBatch", { body });
    checkItems(
      c,
      reply,
      mixed.map(([, wanted]) => wanted),
    );
    const taken = (reply.body as { items: { status: string; event?: UsageEvent }[] }).items.flatMap(
      ({ status, event }) => (status === "recorded" && event ? [event] : []),
    );
    const first = await getEvent(
      api,
      (reply.body as { items: { event: UsageEvent }[] }).items[7]?.event.id ?? "",
    );
    const all = [first, kept as UsageEvent, ...taken].sort(byTime);
    c.equal("events", await readEvents(api), all, reply);
    // The whole again: what was recorded is a duplicate now.
    const again = await api.send(200, "recordUsageBatch", { body });
    checkItems(
      c,
      again,
      mixed.map(([, wanted]) => (wanted[0] === "recorded" ? ["duplicate", wanted[1]] : wanted)),
    );
    c.equal("events", await readEvents(api), all, again);
  });
  await c.part("all rejected", async () => {
    const events = [{ eventId: "x" }, { ...before[0], quantity: "1" }];
    const reply = await api.send(200, "recordUsageBatch", { body: { events } });
    const missing = ["/meter", "/occurredAt", "/quantity", "/subscriptionId"];
    checkItems(c, reply, [
      ["rejected", "validation-failed", missing],
      ["rejected", "conflict", []],
    ]);
  });
  await c.part("the whole", async () => {
    const left = await readEvents(api);
    const refuse = (body: unknown, pointers: readonly string[]) =>
      c.refused(api.send(422, "recordUsageBatch", { body }), "validation-failed", { pointers });
    await refuse({ events: [] }, ["/events"]);
    await refuse({ events: Array.from({ length: 101 }, () => ok()) }, ["/events"]);
    await refuse({ events: [ok(), [], ok(), "x", null] }, ["/events/1", "/events/3", "/events/4"]);
    await refuse({ events: [ok()], more: 1 }, ["/more"]);
    await refuse({ events: ok() }, ["/events"]);
    c.equal("events", await readEvents(api), left);
  });
  await c.part("a hundred", () => hundred(c));
  await walkConventions(c, {
    tenant,
    call: { body: { events: [ok(), ok()] } },
    read: () => readEvents(api),
  });
});

/** As many as there may be, of which one is bad; twice at once. */
async function hundred(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const { subscription } = await meteredSubscription(c, api);
  const events = Array.from({ length: 100 }, (_, index) =>
    usage(c, subscription.id, {
      quantity: index === 57 ? "none" : `${index}`,
      occurredAt: new Date(Date.parse(USED) - index).toISOString(),
    }),
  );
  const body = { events };
  const replies = await Promise.all([1, 2].map(() => api.recordUsageBatch(200, { body })));
  for (const [index, event] of events.entries()) {
    const items = replies.map((reply) => reply.body.items[index]);
    const recorded = items.filter((item) => item?.status === "recorded");
    const wanted = index === 57 ? 0 : 1;
    if (recorded.length !== wanted) c.equal(`/items/${index} recorded`, recorded.length, wanted, replies[0]);
    for (const item of items)
      if (index === 57) c.equal(`/items/${index}/status`, item?.status, "rejected", replies[0]);
      else if (item?.status !== "rejected")
        c.equal(`/items/${index}/event`, item?.event, eventOf(event), replies[0]);
      else c.equal(`/items/${index}/status`, item.status, "recorded, or duplicate", replies[0]);
  }
  const wanted = events
    .filter((_, index) => index !== 57)
    .map(eventOf)
    .reverse();
  c.equal("events", await readEvents(api), wanted);
}

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

/** One entry of `x-vectors` of getUsageSummary. */
interface SummaryVector {
  readonly id: string;
  readonly given: Omit<SummaryQuery, "meter"> & {
    readonly events: readonly Pick<NewEvent, "occurredAt" | "quantity">[];
  };
  readonly want: object;
}

contract("getUsageSummary", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { plan, subscription } = await meteredSubscription(c, api);
  const { id: subscriptionId } = subscription;
  const path = { subscriptionId };
  const other = await subscribeTo(c, api, plan.id);
  await c.part("vectors", async () => {
    const vectors = c.operation.vectors as readonly SummaryVector[];
    c.equal("vectors, at least 7", vectors.length >= 7, true);
    // Each has a meter of its own, which another subscription uses as well.
    const events = vectors.flatMap(({ id, given }) =>
      given.events.map((event) => usage(c, subscriptionId, { meter: id.toLowerCase(), ...event })),
    );
    await recordAll(c, api, events);
    await recordAll(
      c,
      api,
      events.map((event) => ({ ...event, eventId: c.newKey(), subscriptionId: other.id, quantity: "9" })),
    );
    await c.all(vectors, async ({ id, given, want }) => {
      const { events: _, ...range } = given;
      const meter = id.toLowerCase();
      const reply = await api.getUsageSummary(200, { path, query: { meter, ...range } });
      const asked = { subscriptionId, meter, ...range, from: iso(range.from), to: iso(range.to) };
      c.equal(id, reply.body, { ...asked, ...want }, reply);
    });
  });
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

function iso(time: string): string {
  return new Date(time).toISOString();
}

/** The same events in ranges that begin and end inside of buckets; sums that no float and no 64 bits hold. */
async function granularities(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const meter = "mixed";
  const start = Date.parse("2028-02-27T21:17:00Z");
  const many = Array.from({ length: 99 }, (_, index) =>
    usage(c, subscriptionId, {
      meter,
      quantity:
        index % 3 === 0 ? "999999999999999999.999999" : `${Math.floor(c.random() * 1e6)}.${index + 1}`,
      occurredAt: new Date(start + Math.floor(c.random() * 90 * 3_600_000)).toISOString(),
    }),
  );
  const events = await recordAll(c, api, many);
  const [first, last] = [events[0]?.occurredAt ?? "", events[1]?.occurredAt ?? ""].sort() as [string, string];
  const ranges = [
    { from: "2028-02-27T21:17:00.000Z", to: "2028-03-02T15:17:00.000Z" },
    { from: "2028-02-28T00:00:00.000Z", to: "2028-03-01T00:00:00.000Z" },
    { from: first, to: last },
  ];
  const queries = ranges.flatMap((range) =>
    (["hour", "day", "month"] as const).map((granularity) => ({ meter, granularity, ...range })),
  );
  await c.all(queries, async (query) => {
    const reply = await api.getUsageSummary(200, { path: { subscriptionId }, query });
    c.body(reply, summaryOf(subscriptionId, query, events));
  });
}

const HOUR = 3_600_000;

/** A thousand, and not one more; the years there are. */
async function bucketCounts(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const from = "2026-01-01T00:00:00.000Z";
  const at = (ms: number) => new Date(Date.parse(from) + ms).toISOString();
  const ask = (granularity: SummaryQuery["granularity"], range: { from: string; to: string }) => ({
    path: { subscriptionId },
    query: { meter: "nothing", granularity, ...range },
  });
  const good = [
    ask("hour", { from, to: at(1000 * HOUR) }),
    ask("day", { from: at(HOUR), to: at(1000 * 24 * HOUR) }),
    ask("month", { from: at(HOUR), to: "2109-05-01T00:00:00.000Z" }),
    ask("month", { from: "2998-12-31T23:59:59.998Z", to: "2998-12-31T23:59:59.999Z" }),
    ask("hour", { from: "1970-01-01T00:00:00.000Z", to: "1970-01-01T00:00:00.001Z" }),
  ];
  await c.all(good, async (call) => {
    const reply = await api.getUsageSummary(200, call);
    c.body(reply, summaryOf(subscriptionId, call.query, []));
  });
  const bad = [
    ask("hour", { from, to: at(1000 * HOUR + 1) }),
    ask("hour", { from: at(1), to: at(1001 * HOUR) }),
    ask("day", { from, to: at(1000 * 24 * HOUR + 1) }),
    ask("month", { from, to: "2109-05-01T00:00:00.001Z" }),
    ask("month", { from: "2998-12-01T00:00:00.000Z", to: "2999-01-01T00:00:00.000Z" }),
    ask("day", { from, to: from }),
    ask("day", { from: at(1), to: from }),
  ];
  await c.all(bad, (call) => c.refused(api.getUsageSummary(400, call), "malformed-request"));
}

/** Recorded (also at once), billed and released events count, voided ones do not: in the very next sum. */
async function sumsFollow(c: Case, api: Api, planId: string): Promise<void> {
  const { id: subscriptionId } = await subscribeTo(c, api, planId);
  const query = {
    meter: METER,
    from: "2026-02-03T00:00:00.000Z",
    to: "2026-02-04T00:00:00.000Z",
    granularity: "day",
  } as const;
  const sums = async (events: readonly UsageEvent[]): Promise<void> => {
    const reply = await api.getUsageSummary(200, { path: { subscriptionId }, query });
    c.body(reply, summaryOf(subscriptionId, query, events));
  };
  await sums([]);
  const events = await c.all(["0.1", "0.2", "0.4", "1.25", "3", "0"], (quantity) =>
    record(api, usage(c, subscriptionId, { quantity })),
  );
  await sums(events);
  await record(api, usage(c, subscriptionId, { meter: "other" }));
  await sums(events);
  await voidEvent(api, events[0]?.id ?? "");
  await sums(events.slice(1));
  const { id: invoiceId } = await bill(c, api, subscriptionId);
  await sums(events.slice(1));
  await api.voidInvoice(200, { path: { invoiceId } });
  await cancelNow(api, subscriptionId);
  await sums(events.slice(1));
}
