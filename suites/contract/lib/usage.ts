import type { CallOf } from "../../../openapi/client/index.ts";
import type { operations } from "../../../openapi/generated/index.ts";
import type { Case } from "../case.ts";
import type { AnswerOf, Api } from "./api.ts";
import { canonical } from "./arithmetic.ts";
import { draft, finalize, type Invoice, METERED, STARTED, type Subscribed, subscribe } from "./billing.ts";
import { anId, justNow } from "./match.ts";

export type NewEvent = CallOf<operations["recordUsage"]>["body"];
export type UsageEvent = AnswerOf<"getUsageEvent", 200>["body"];
export type SummaryQuery = NonNullable<CallOf<operations["getUsageSummary"]>["query"]>;

/** The meter that METERED bills. */
export const METER = "api_calls";
/** Within the first period of a subscription that began at STARTED. */
export const USED = "2026-02-03T08:15:00.000Z";

/** A subscription that bills `api_calls`, since STARTED. */
export function meteredSubscription(c: Case, api: Api): Promise<Subscribed> {
  return subscribe(c, api, METERED);
}

/** A request that would be recorded: an event of its own, unless told. */
export function usage(c: Case, subscriptionId: string, given: Partial<NewEvent> = {}): NewEvent {
  const eventId = c.newKey();
  return { eventId, subscriptionId, meter: METER, quantity: "12.5", occurredAt: USED, ...given };
}

/** What is shown of it once it is recorded. */
export function eventOf({ quantity, occurredAt, ...given }: NewEvent): Readonly<Record<string, unknown>> {
  return {
    id: anId("usg"),
    ...given,
    quantity: canonical(quantity),
    occurredAt: new Date(occurredAt).toISOString(),
    createdAt: justNow(),
  };
}

/** Records one event. */
export async function record(api: Api, body: NewEvent): Promise<UsageEvent> {
  return (await api.recordUsage(201, { body })).body;
}

/** Records up to 100 events in one request; what is shown of each, in order. */
export async function recordAll(
  c: Case,
  api: Api,
  events: readonly NewEvent[],
): Promise<readonly UsageEvent[]> {
  const reply = await api.recordUsageBatch(200, { body: { events: [...events] } });
  const taken = reply.body.items.flatMap((item) => (item.status === "rejected" ? [] : [item.event]));
  c.equal("/items", taken, events.map(eventOf), reply);
  return taken;
}

/** Every event of the account, up to 100, as its list shows them. */
export async function readEvents(api: Api): Promise<readonly UsageEvent[]> {
  return (await api.listUsageEvents(200, { query: { limit: 100 } })).body.items;
}

/** Bills the first period of a subscription that began at STARTED. */
export async function bill(c: Case, api: Api, subscriptionId: string): Promise<Invoice> {
  const { body } = await draft(c, api, subscriptionId, { periodStart: STARTED });
  return (await finalize(c, api, body.id)).body;
}

/** Sums of events, as the documents compute them; all events are of the subscription and the meter. */
export function summaryOf(
  subscriptionId: string,
  { meter, granularity, ...range }: SummaryQuery,
  events: readonly Pick<UsageEvent, "occurredAt" | "quantity">[],
): Readonly<Record<string, unknown>> {
  const [from, to] = [Date.parse(range.from), Date.parse(range.to)];
  const counted = events.filter(({ occurredAt }) => between(Date.parse(occurredAt), from, to));
  const buckets = [];
  for (let start = aligned(from, granularity, 0); start < to; ) {
    const end = aligned(start, granularity, 1);
    const inside = counted.filter(({ occurredAt }) => between(Date.parse(occurredAt), start, end));
    buckets.push({ start: iso(start), end: iso(end), quantity: sum(inside), count: inside.length });
    start = end;
  }
  const shown = { subscriptionId, meter, granularity, from: iso(from), to: iso(to) };
  return { ...shown, buckets, total: sum(counted), count: counted.length };
}

function between(at: number, from: number, to: number): boolean {
  return at >= from && at < to;
}

/** Where the hour, day or month of an instant begins, or the one so many later. */
function aligned(at: number, granularity: SummaryQuery["granularity"], later: number): number {
  const date = new Date(at);
  const month = [date.getUTCFullYear(), date.getUTCMonth()] as const;
  if (granularity === "month") return Date.UTC(month[0], month[1] + later);
  if (granularity === "day") return Date.UTC(...month, date.getUTCDate() + later);
  return Date.UTC(...month, date.getUTCDate(), date.getUTCHours() + later);
}

function sum(events: readonly Pick<UsageEvent, "quantity">[]): string {
  const millionths = events.reduce((total, { quantity }) => {
    const [whole = "", fraction = ""] = quantity.split(".");
    return total + BigInt(whole + fraction.padEnd(6, "0"));
  }, 0n);
  const digits = millionths.toString().padStart(7, "0");
  return canonical(`${digits.slice(0, -6)}.${digits.slice(-6)}`);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
