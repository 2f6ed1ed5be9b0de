import { meterMeaning, meterPattern } from "../catalog/plan.ts";
import { formatDecimal, fromNumeric } from "../domain/decimal.ts";
import { formatTime } from "../domain/time.ts";
import { array, isObject, object, type Reader, refuse, required } from "../validation/reader.ts";
import { decimal, id, instant, matching } from "../validation/scalars.ts";

export interface UsageEventRow {
  id: string;
  event_id: string;
  subscription_id: string;
  meter: string;
  /** NUMERIC as PostgreSQL says it. */
  quantity: string;
  occurred_at: Date;
  invoice_id: string | null;
  voided_at: Date | null;
  created_at: Date;
}

/** Body of recordUsage, and an item of recordUsageBatch. */
export const newUsage = object({
  eventId: required(matching(/^[A-Za-z0-9._:-]{1,64}$/, "1 to 64 letters, digits or . _ : -")),
  subscriptionId: required(id("sub")),
  meter: required(matching(meterPattern, meterMeaning)),
  quantity: required(decimal),
  occurredAt: required(instant),
});

type Given<R> = R extends Reader<infer T> ? T : never;
export type NewUsage = Given<typeof newUsage>;

const anyObject: Reader<Record<string, unknown>> = (value, pointer, issues) =>
  isObject(value) ? value : refuse(issues, pointer, "must be an object");

/** Body of recordUsageBatch; what is wrong inside an item is that item's affair. */
export const usageBatch = object({ events: required(array(anyObject, 1, 100)) });

/** Usage event as the API says it. */
export const usageEventBody = (row: UsageEventRow) => ({
  id: row.id,
  eventId: row.event_id,
  subscriptionId: row.subscription_id,
  meter: row.meter,
  quantity: formatDecimal(fromNumeric(row.quantity)),
  occurredAt: formatTime(row.occurred_at),
  ...(row.invoice_id === null ? {} : { invoiceId: row.invoice_id }),
  createdAt: formatTime(row.created_at),
});
