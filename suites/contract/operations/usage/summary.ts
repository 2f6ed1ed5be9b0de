import type { Api, Case } from "../../case.ts";
import { subscribeTo } from "../../lib/billing.ts";
import {
  bill,
  METER,
  type NewEvent,
  record,
  recordAll,
  type SummaryQuery,
  summaryOf,
  type UsageEvent,
  usage,
} from "../../lib/usage.ts";
import { cancelNow, voidEvent } from "./shared.ts";

/** One entry of `x-vectors` of getUsageSummary. */
interface SummaryVector {
  readonly id: string;
  readonly given: Omit<SummaryQuery, "meter"> & {
    readonly events: readonly Pick<NewEvent, "occurredAt" | "quantity">[];
  };
  readonly want: object;
}

/** Each vector has a meter of its own, which another subscription uses as well. */
export async function vectors(c: Case, api: Api, subscriptionId: string, elsewhere: string): Promise<void> {
  const all = c.operation.vectors as readonly SummaryVector[];
  c.equal("vectors, at least 7", all.length >= 7, true);
  const events = all.flatMap(({ id, given }) =>
    given.events.map((event) => usage(c, subscriptionId, { meter: id.toLowerCase(), ...event })),
  );
  await recordAll(c, api, events);
  await recordAll(
    c,
    api,
    events.map((event) => ({ ...event, eventId: c.newKey(), subscriptionId: elsewhere, quantity: "9" })),
  );
  await c.all(all, async ({ id, given, want }) => {
    const { events: _, ...range } = given;
    const meter = id.toLowerCase();
    const reply = await api.getUsageSummary(200, { path: { subscriptionId }, query: { meter, ...range } });
    const asked = { subscriptionId, meter, ...range, from: iso(range.from), to: iso(range.to) };
    c.equal(id, reply.body, { ...asked, ...want }, reply);
  });
}

function iso(time: string): string {
  return new Date(time).toISOString();
}

/** The same events in ranges that begin and end inside of buckets; sums that no float and no 64 bits hold. */
export async function granularities(c: Case, api: Api, subscriptionId: string): Promise<void> {
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
export async function bucketCounts(c: Case, api: Api, subscriptionId: string): Promise<void> {
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
export async function sumsFollow(c: Case, api: Api, planId: string): Promise<void> {
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
