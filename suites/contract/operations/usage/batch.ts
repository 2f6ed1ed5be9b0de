import type { Answer, Api, Case, Slug } from "../../case.ts";
import { STARTED, subscribe, subscribeTo } from "../../lib/billing.ts";
import { checkProblem } from "../../lib/problems.ts";
import {
  bill,
  eventOf,
  meteredSubscription,
  type NewEvent,
  readEvents,
  recordAll,
  USED,
  type UsageEvent,
  usage,
} from "../../lib/usage.ts";
import { byTime, cancelNow, getEvent, spelt, voidEvent } from "./shared.ts";

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

/** Items of every kind in one batch, and what becomes of each; sent again, nothing is recorded. */
export async function goodAndBad(c: Case, api: Api): Promise<void> {
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
    [ok({ subscriptionId: foreign.subscription.id }), ["rejected", "validation-failed", ["/subscriptionId"]]],
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
  await c.part("all rejected", async () => {
    const events = [{ eventId: "x" }, { ...before[0], quantity: "1" }];
    const reply = await api.send(200, "recordUsageBatch", { body: { events } });
    const missing = ["/meter", "/occurredAt", "/quantity", "/subscriptionId"];
    checkItems(c, reply, [
      ["rejected", "validation-failed", missing],
      ["rejected", "conflict", []],
    ]);
  });
}

/** What refuses a batch as a whole leaves nothing of it. */
export async function wholes(c: Case, api: Api, ok: () => NewEvent): Promise<void> {
  const left = await readEvents(api);
  const refuse = (body: unknown, pointers: readonly string[]) =>
    c.refused(api.send(422, "recordUsageBatch", { body }), "validation-failed", { pointers });
  await refuse({ events: [] }, ["/events"]);
  await refuse({ events: Array.from({ length: 101 }, () => ok()) }, ["/events"]);
  await refuse({ events: [ok(), [], ok(), "x", null] }, ["/events/1", "/events/3", "/events/4"]);
  await refuse({ events: [ok()], more: 1 }, ["/more"]);
  await refuse({ events: ok() }, ["/events"]);
  c.equal("events", await readEvents(api), left);
}

/** As many as there may be, of which one is bad; twice at once. */
export async function hundred(c: Case): Promise<void> {
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
