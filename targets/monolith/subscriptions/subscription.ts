import { formatDecimal, fromNumeric, one } from "../domain/decimal.ts";
import { formatTime } from "../domain/time.ts";
import { defaulted, object, optional, required } from "../validation/reader.ts";
import { decimal, id, oneOf, periodInstant } from "../validation/scalars.ts";

export const subscriptionStatuses = ["active", "canceling", "canceled"] as const;

export interface SubscriptionRow {
  id: string;
  plan_id: string;
  /** NUMERIC as PostgreSQL says it. */
  quantity: string;
  status: (typeof subscriptionStatuses)[number];
  starts_at: Date;
  ends_at: Date | null;
  canceled_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** Body of createSubscription. */
export const newSubscription = object({
  planId: required(id("plan")),
  quantity: defaulted(decimal, one),
  startsAt: optional(periodInstant),
});

/** Body of changeSubscription. */
export const subscriptionChange = object(
  { planId: optional(id("plan")), quantity: optional(decimal), effectiveAt: optional(periodInstant) },
  (sent, pointer, issues) => {
    if (!Object.hasOwn(sent, "planId") && !Object.hasOwn(sent, "quantity"))
      issues.add(pointer, "must have planId, quantity or both");
  },
);

/** Body of cancelSubscription. */
export const cancellation = object({ mode: required(oneOf(["period_end", "now"])) });

/** Subscription as the API says it. */
export const subscriptionBody = (row: SubscriptionRow) => ({
  id: row.id,
  planId: row.plan_id,
  quantity: formatDecimal(fromNumeric(row.quantity)),
  status: row.status,
  startsAt: formatTime(row.starts_at),
  ...(row.ends_at === null ? {} : { endsAt: formatTime(row.ends_at) }),
  ...(row.canceled_at === null ? {} : { canceledAt: formatTime(row.canceled_at) }),
  createdAt: formatTime(row.created_at),
  updatedAt: formatTime(row.updated_at),
});
