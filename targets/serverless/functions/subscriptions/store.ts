import { isId } from "../../lib/ids.ts";
import { notFound } from "../../lib/problem.ts";
import { decimal, id, isObject, object, oneOf, refine, type Schema, time } from "../../lib/schema.ts";
import { read, type Stored, tables } from "../../lib/table.ts";

export interface Subscription {
  readonly id: string;
  readonly planId: string;
  /** Canonical decimal. */
  readonly quantity: string;
  readonly status: "active" | "canceling" | "canceled";
  readonly startsAt: string;
  readonly endsAt?: string;
  readonly canceledAt?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A period that starts here ends before the year 3000, beyond which no time can be written. */
const timeBefore2999: Schema<string> = {
  check(value, at, faults) {
    const instant = time.check(value, at, faults);
    if (instant === undefined || instant < "2999") return instant;
    faults.push({ pointer: at, detail: "must be before the year 2999" });
    return undefined;
  },
};

export const newSubscription = object(
  { planId: id("plan") },
  { quantity: decimal, startsAt: timeBefore2999 },
);

export const change = refine(
  object({}, { planId: id("plan"), quantity: decimal, effectiveAt: timeBefore2999 }),
  (value, at, faults) => {
    if (isObject(value) && !Object.hasOwn(value, "planId") && !Object.hasOwn(value, "quantity"))
      faults.push({ pointer: at, detail: "must have planId or quantity" });
  },
);

export const cancellation = object({ mode: oneOf(["period_end", "now"]) });

/** A subscription of the account, or undefined whatever the id looks like. */
export async function findSubscription(
  accountId: string,
  id: string,
): Promise<Stored<Subscription> | undefined> {
  return isId("sub", id)
    ? read<Stored<Subscription>>(tables.subscriptions, { pk: accountId, sk: id })
    : undefined;
}

/** @throws Problem 404 */
export async function loadSubscription(accountId: string, id: string): Promise<Stored<Subscription>> {
  const subscription = await findSubscription(accountId, id);
  if (!subscription) throw notFound("subscription");
  return subscription;
}
