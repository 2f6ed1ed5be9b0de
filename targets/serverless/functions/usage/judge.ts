import { conflict, invalidAt, type Problem } from "../../lib/problem.ts";
import { decimal, type Infer, id, matching, object, type Schema, time } from "../../lib/schema.ts";
import type { Subscription } from "../subscriptions/store.ts";
import { isSame, isVoided, newUsageItem, type UsageItem } from "./model.ts";

export const usageRequest = object({
  eventId: matching(/^[A-Za-z0-9._:-]+$/, 64),
  subscriptionId: id("sub"),
  meter: matching(/^[a-z][a-z0-9_]{0,31}$/, 32),
  quantity: decimal,
  occurredAt: time,
});
export type UsageRequest = Infer<typeof usageRequest>;

/** `known` and `subscription` are what is stored under the request's eventId and subscriptionId. */
export interface Judged {
  readonly request: UsageRequest;
  readonly known: UsageItem | undefined;
  readonly subscription: Subscription | undefined;
}

export type Verdict =
  | { readonly status: "recorded"; readonly item: UsageItem }
  | { readonly status: "duplicate"; readonly item: UsageItem }
  | { readonly status: "rejected"; readonly problem: Problem };

const rejected = (problem: Problem): Verdict => ({ status: "rejected", problem });

/** What becomes of a valid request to record an event. `now` is when it would be created, as a text. */
export function judge(accountId: string, { request, known, subscription }: Judged, now: string): Verdict {
  if (known && !isVoided(known) && isSame(known, request)) return { status: "duplicate", item: known };
  if (!subscription) return rejected(invalidAt("/subscriptionId", "is not a subscription of this account"));
  if (request.occurredAt < subscription.startsAt)
    return rejected(invalidAt("/occurredAt", "is before the subscription starts"));
  if (known)
    return rejected(
      conflict(isVoided(known) ? "The event was voided." : "The eventId belongs to another event."),
    );
  if (subscription.status === "canceled") return rejected(conflict("The subscription is canceled."));
  return { status: "recorded", item: newUsageItem(accountId, request, now) };
}

/** Any object is let in, so that a bad one is rejected alone. */
export const anyObject: Schema<object> = {
  check(value, at, faults) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    faults.push({ pointer: at, detail: "must be an object" });
    return undefined;
  },
};
