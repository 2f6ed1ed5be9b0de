import type { Case } from "../../case.ts";
import {
  addLine,
  draft,
  due,
  FLAT,
  finalize,
  lineOf,
  METERED,
  type NewPlan,
  STARTED,
  settled,
  subscribe,
  subscribeTo,
  withKey,
} from "../../lib/billing.ts";
import { justNow } from "../../lib/match.ts";
import { period } from "../../lib/periods.ts";
import { later, type Priced, readAll, WORK } from "./invoice.ts";

/** A tier for each part of a quantity that lies in it. */
const TIERS = [
  { upTo: "10", unitPrice: "1.50" },
  { upTo: "20.5", unitPrice: "0.999" },
  { unitPrice: "0.005" },
];

const graduated = (currency: NonNullable<NewPlan["currency"]>): NewPlan => ({
  ...{ name: "Tiers", interval: "month", currency, pricing: { model: "graduated", tiers: TIERS } },
});

/** What subscriptions without a meter pay, and once only for a period. */
export async function recurring(c: Case): Promise<void> {
  const { api } = await c.tenant({ taxRateBasisPoints: 825 });
  const perUnit = (unitPrice: string): NewPlan => ({
    ...FLAT,
    name: " Seats ",
    pricing: { model: "per_unit", unitPrice },
  });
  const fees: readonly (readonly [NewPlan, string, ...(readonly (readonly [string, string])[])])[] = [
    [{ ...FLAT, currency: "KWD" }, "7", ["1", "4.9"]],
    [perUnit("10.10"), "2.500", ["2.5", "10.1"]],
    [perUnit("0.005"), "3", ["3", "0.005"]],
    [graduated("USD"), "10", ["10", "1.5"]],
    [graduated("JPY"), "25.25", ["10", "1.5"], ["10.5", "0.999"], ["4.75", "0.005"]],
  ];
  await c.all(fees, async ([plan, quantity, ...parts]) => {
    const { subscription } = await subscribe(c, api, plan, { quantity });
    const { body: drafted } = await draft(c, api, subscription.id, { periodStart: STARTED });
    const rated = parts.map(([part, unitPrice]) =>
      lineOf("recurring", { description: plan.name, quantity: part, unitPrice }, drafted),
    );
    const first = await finalize(c, api, drafted.id);
    const opened = { status: "open", finalizedAt: justNow() };
    c.body(first, later(drafted, { ...due(rated), ...opened, number: first.body.number }));
    if (parts.length === 1) return;
    // Once for a period: a second invoice of it bills what else there is, and another period bills again.
    const { body: second } = await draft(c, api, subscription.id, { periodStart: STARTED });
    const without = await addLine(c, api, second.id, WORK);
    const done = await finalize(c, api, second.id);
    c.body(done, later(without.body, { ...opened, number: done.body.number }));
    const { periodStart } = period(STARTED, 1, 1);
    const next = await addLine(c, api, (await draft(c, api, subscription.id, { periodStart })).body.id, WORK);
    const last = await finalize(c, api, next.body.id);
    const manual = lineOf("manual", WORK, drafted);
    c.body(last, later(next.body, { ...due([manual, ...rated]), ...opened, number: last.body.number }));
  });
  const all = await readAll(api);
  const numbers = all.map(({ number }) => number ?? 0).sort((a, b) => a - b);
  c.equal(
    "numbers",
    numbers,
    all.map((_, index) => index + 1),
  );
  await c.part("nothing due", async () => {
    const free = await subscribe(c, api, { ...FLAT, pricing: { model: "flat", amount: 0 } });
    const { body } = await draft(c, api, free.subscription.id, { periodStart: STARTED });
    const paid = await finalize(c, api, body.id);
    const line = lineOf("recurring", { description: "Team", quantity: "1", unitPrice: "0" }, body);
    const changes = { status: "paid", number: all.length + 1, finalizedAt: justNow() };
    c.body(paid, later(body, { ...due([line]), ...changes }));
    const none = await subscribe(c, api, graduated("USD"), { quantity: "0" });
    const { body: empty } = await draft(c, api, none.subscription.id, { periodStart: STARTED });
    const failed = { status: "failed", failureReason: "nothing_to_bill" };
    c.body(await finalize(c, api, empty.id), later(empty, failed));
  });
}

/** What a meter counted in the period, to the millisecond, and once. */
export async function metered(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const { pricing } = graduated("EUR");
  const { subscription, plan } = await subscribe(c, api, { ...METERED, pricing });
  const neighbour = await subscribeTo(c, api, plan.id);
  const { periodStart, periodEnd } = period(STARTED, 1, 1);
  const at = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString();
  let next = 1;
  const used = async (
    quantity: string,
    occurredAt: string,
    more: { meter?: string; subscriptionId?: string } = {},
  ) => {
    const body = {
      eventId: `e${next++}`,
      subscriptionId: subscription.id,
      meter: "api_calls",
      quantity,
      occurredAt,
    };
    return (await api.recordUsage(201, { body: { ...body, ...more } })).body;
  };
  const claimed = [
    await used("10.100000", periodStart),
    await used("10.400001", at(periodEnd, -1)),
    await used("0", periodStart),
  ];
  const others = [
    await used("1000", at(periodStart, -1)),
    await used("1000", periodEnd),
    await used("1000", periodStart, { meter: "other" }),
    await used("1000", periodStart, { subscriptionId: neighbour.id }),
  ];
  const gone = await used("1000", periodStart);
  await api.voidUsageEvent(204, { path: { usageEventId: gone.id } });
  /** What every event shows: those of the invoice name it. */
  const usage = async (
    ...known: readonly (readonly [
      events: readonly { readonly id: string; readonly quantity: string }[],
      invoiceId?: string,
    ])[]
  ) => {
    const { items } = (await api.listUsageEvents(200, { query: { limit: 100 } })).body;
    for (const [events, invoiceId] of known)
      for (const event of events) {
        // Whether an event of nothing counts as part of the sum, and is claimed, the documents leave open.
        if (event.quantity === "0") continue;
        const wanted = { ...event, invoiceId };
        c.equal(
          "usage event",
          items.find(({ id }) => id === event.id),
          wanted,
        );
      }
  };
  const bill = async () => (await draft(c, api, subscription.id, { periodStart })).body;
  const drafted = await bill();
  const lines = [
    ["10", "1.50"],
    ["10.5", "0.999"],
    ["0.000001", "0.005"],
  ].map(([quantity = "", unitPrice = ""]) =>
    lineOf("usage", { description: METERED.name, quantity, unitPrice }, drafted),
  );
  await usage([claimed], [others]);
  const opened = { status: "open", finalizedAt: justNow() };
  c.body(await finalize(c, api, drafted.id), later(drafted, { ...due(lines), ...opened, number: 1 }));
  await usage([claimed, drafted.id], [others]);
  const read = await api.getUsageEvent(200, { path: { usageEventId: claimed[0]?.id ?? "" } });
  c.body(read, { ...claimed[0], invoiceId: drafted.id });
  await c.refused(api.voidUsageEvent(409, { path: { usageEventId: claimed[0]?.id ?? "" } }), "conflict", {});
  await c.part("what came too late", async () => {
    const second = await bill();
    const failed = await finalize(c, api, second.id);
    c.body(failed, later(second, { status: "failed", failureReason: "nothing_to_bill" }));
    const late = [await used("0.5", at(periodStart, 1)), await used("0.25", at(periodEnd, -1))];
    const accepted = await api.finalizeInvoice(202, { path: { invoiceId: second.id }, headers: withKey(c) });
    c.body(accepted, later(failed.body, { status: "finalizing", failureReason: undefined }));
    const line = lineOf("usage", { description: METERED.name, quantity: "0.75", unitPrice: "1.5" }, second);
    const done = await settled(c, api, second.id);
    c.body(done, later(accepted.body, { ...due([line]), ...opened, number: 2 }));
    await usage([late, second.id], [claimed, drafted.id], [others]);
  });
}

/** The plan and the quantity of the moment of rating; the tax rate of the draft. */
export async function asRated(c: Case): Promise<void> {
  const { id: accountId, api } = await c.tenant();
  const { plan, subscription } = await subscribe(c, api, {
    ...FLAT,
    pricing: { model: "per_unit", unitPrice: "1" },
  });
  const { body: drafted } = await draft(c, api, subscription.id, { periodStart: STARTED });
  const headers = { "If-Match": "*" };
  const other = await api.createPlan(201, {
    body: { ...FLAT, pricing: { model: "per_unit", unitPrice: "2" } },
  });
  const path = { subscriptionId: subscription.id };
  await api.changeSubscription(200, { path, headers, body: { planId: other.body.id, quantity: "3" } });
  const patch = { name: "Renamed", pricing: { unitPrice: "2.5" } };
  await api.send(200, "updatePlan", { path: { planId: other.body.id }, headers, body: patch });
  await api.updateAccount(200, { path: { accountId }, headers, body: { taxRateBasisPoints: 0 } });
  await api.cancelSubscription(200, { path, body: { mode: "now" } });
  for (const planId of [plan.id, other.body.id]) await api.archivePlan(200, { path: { planId } });
  const line = lineOf("recurring", { description: "Renamed", quantity: "3", unitPrice: "2.5" }, drafted);
  const changes = { status: "open", number: 1, finalizedAt: justNow() };
  c.body(await finalize(c, api, drafted.id), later(drafted, { ...due([line]), ...changes }));
}

/** An amount above 2^53−1 fails the invoice, which keeps what it had and claims nothing. */
export async function tooLarge(c: Case): Promise<void> {
  const { api } = await c.tenant({ taxRateBasisPoints: 1 });
  const { plan, subscription } = await subscribe(c, api, {
    ...FLAT,
    pricing: { model: "flat", amount: Number.MAX_SAFE_INTEGER },
  });
  const { body: drafted } = await draft(c, api, subscription.id, { periodStart: STARTED });
  const { body: before } = await addLine(c, api, drafted.id, WORK);
  const failed = await finalize(c, api, drafted.id);
  c.body(failed, later(before, { status: "failed", failureReason: "amount_too_large" }));
  const again = await finalize(c, api, drafted.id);
  c.body(again, later(failed.body, {}));
  // Nothing was claimed: with another price this very invoice bills the period's fee.
  const body = { pricing: { amount: 1 } };
  await api.send(200, "updatePlan", { path: { planId: plan.id }, headers: { "If-Match": "*" }, body });
  const fee = lineOf("recurring", { description: "Team", quantity: "1", unitPrice: "0.01" }, drafted);
  const done = await finalize(c, api, drafted.id);
  const changes = { status: "open", failureReason: undefined, number: 1, finalizedAt: justNow() };
  c.body(done, later(before, { ...due([...before.lines, fee] as Priced), ...changes }));
}
