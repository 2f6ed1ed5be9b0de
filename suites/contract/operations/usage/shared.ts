import type { Api } from "../../case.ts";
import { STARTED } from "../../lib/billing.ts";
import type { NewEvent, UsageEvent } from "../../lib/usage.ts";

export async function getEvent(api: Api, usageEventId: string): Promise<UsageEvent> {
  return (await api.getUsageEvent(200, { path: { usageEventId } })).body;
}

export function voidEvent(api: Api, usageEventId: string) {
  return api.voidUsageEvent(204, { path: { usageEventId } });
}

export function cancelNow(api: Api, subscriptionId: string) {
  return api.cancelSubscription(200, { path: { subscriptionId }, body: { mode: "now" } });
}

/** The same event, spelt in another way: the instant with an offset, the quantity with all six decimals. */
export function spelt(event: NewEvent): NewEvent {
  const earlier = new Date(Date.parse(event.occurredAt) - 19_800_000).toISOString();
  const [whole = "", fraction = ""] = event.quantity.split(".");
  return {
    ...event,
    quantity: `${whole}.${fraction.padEnd(6, "0")}`,
    occurredAt: earlier.replace("Z", "-05:30"),
  };
}

/** Other requests with the same eventId, each other in one member. */
export function others(event: NewEvent, elsewhere: string): readonly NewEvent[] {
  return [
    { ...event, quantity: "98.7" },
    { ...event, meter: `${event.meter}_` },
    { ...event, occurredAt: new Date(Date.parse(event.occurredAt) + 1).toISOString() },
    { ...event, subscriptionId: elsewhere },
  ];
}

/** Good events at the edges of what is allowed. */
export const ACCEPTED: readonly Partial<NewEvent>[] = [
  { eventId: "0", meter: "a", quantity: "0", occurredAt: STARTED },
  { eventId: "aZ09._:-".repeat(8), meter: `a${"_9".repeat(15)}z`, quantity: "0.000001" },
  { quantity: "999999999999999999.999999", occurredAt: "2999-12-31T23:59:59.999Z" },
  { quantity: "10.10", occurredAt: "2026-02-03T09:15:00.5+01:00" },
  { quantity: "3.000", occurredAt: "2028-02-28T23:30:00.05-01:00" },
];

/** Bad values, and where each is pointed at; `subscriptionId` and so on are good where they are not named. */
export const REFUSED: readonly (readonly [given: object, pointers: readonly string[]])[] = [
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

/** Ties are broken by the id. */
export function byTime(a: UsageEvent, b: UsageEvent): number {
  return `${a.occurredAt} ${a.id}` < `${b.occurredAt} ${b.id}` ? -1 : 1;
}
