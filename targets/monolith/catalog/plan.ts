import { fromNumeric } from "../domain/decimal.ts";
import { type Currency, currencies } from "../domain/money.ts";
import type { Interval } from "../domain/periods.ts";
import { type Pricing, type PricingBody, pricingBody } from "../domain/pricing.ts";
import { formatTime } from "../domain/time.ts";
import { removable } from "../validation/merge-patch.ts";
import { isObject, object, optional, required } from "../validation/reader.ts";
import { decimal, matching, oneOf, text } from "../validation/scalars.ts";
import { pricing, pricingPatch } from "./pricing-schema.ts";

export interface PlanRow {
  id: string;
  name: string;
  description: string | null;
  currency: Currency;
  interval: Interval;
  meter: string | null;
  /** As the API says it, decimals canonical. */
  pricing: PricingBody;
  status: "active" | "archived";
  created_at: Date;
  updated_at: Date;
}

export const planStatuses = ["active", "archived"] as const;
export const meterPattern = /^[a-z][a-z0-9_]{0,31}$/;
export const meterMeaning = "a lower case letter, then up to 31 lower case letters, digits or _";

const name = text(1, 120);
const description = text(1, 1000);

/** Body of createPlan. */
export const newPlan = object(
  {
    name: required(name),
    description: optional(description),
    currency: optional(oneOf(currencies)),
    interval: required(oneOf(["month", "year"])),
    meter: optional(matching(meterPattern, meterMeaning)),
    pricing: required(pricing),
  },
  (sent, pointer, issues) => {
    if (Object.hasOwn(sent, "meter") && isObject(sent.pricing) && sent.pricing.model === "flat")
      issues.add(`${pointer}/meter`, "is not allowed with flat pricing");
  },
);

/** Body of updatePlan. */
export const planPatch = object({
  name: optional(name),
  description: optional(removable(description)),
  pricing: optional(pricingPatch),
});

/** What updatePlan may change, once the patch is applied to a plan with this meter. */
export const patchedPlan = (meter: string | null) =>
  object(
    { name: required(name), description: optional(description), pricing: required(pricing) },
    (merged, pointer, issues) => {
      if (meter !== null && isObject(merged.pricing) && merged.pricing.model === "flat")
        issues.add(`${pointer}/pricing/model`, "cannot be flat on a plan with a meter");
    },
  );

/** The members a patch applies to. */
export const patchablePlan = (row: PlanRow) => ({
  name: row.name,
  ...(row.description === null ? {} : { description: row.description }),
  pricing: row.pricing,
});

/** Body of quotePlan. */
export const quoteRequest = object({ quantity: required(decimal) });

/** Plan as the API says it. */
export const planBody = (row: PlanRow) => ({
  id: row.id,
  name: row.name,
  ...(row.description === null ? {} : { description: row.description }),
  currency: row.currency,
  interval: row.interval,
  ...(row.meter === null ? {} : { meter: row.meter }),
  pricing: pricingBody(pricingOf(row)),
  status: row.status,
  createdAt: formatTime(row.created_at),
  updatedAt: formatTime(row.updated_at),
});

/** The plan's pricing, ready to compute with. */
export function pricingOf({ pricing: stored }: PlanRow): Pricing {
  switch (stored.model) {
    case "flat":
      return { model: "flat", amount: stored.amount };
    case "per_unit":
      return { model: "per_unit", unitPrice: fromNumeric(stored.unitPrice) };
    case "graduated":
      return {
        model: "graduated",
        tiers: stored.tiers.map(({ upTo, unitPrice }) => ({
          ...(upTo === undefined ? {} : { upTo: fromNumeric(upTo) }),
          unitPrice: fromNumeric(unitPrice),
        })),
      };
  }
}
