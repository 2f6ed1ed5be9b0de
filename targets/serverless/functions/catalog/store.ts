import { decimalPattern, parseDecimal } from "../../lib/decimal.ts";
import { isId } from "../../lib/ids.ts";
import { type Currency, currencies } from "../../lib/money.ts";
import type { Pricing } from "../../lib/pricing.ts";
import type { Fault } from "../../lib/problem.ts";
import {
  array,
  below,
  decimal,
  isObject,
  matching,
  money,
  object,
  oneOf,
  positiveDecimal,
  refine,
  type Schema,
  text,
  variants,
} from "../../lib/schema.ts";
import { read, type Stored, tables } from "../../lib/table.ts";
import type { Interval } from "../../lib/time.ts";

const upToOf = (tier: unknown): bigint | undefined => {
  const upTo = isObject(tier) ? tier.upTo : undefined;
  return typeof upTo === "string" && decimalPattern.test(upTo) ? parseDecimal(upTo) : undefined;
};

/** Every tier but the last has an `upTo`, above that of the tier just before. */
function checkTiers(tiers: unknown, at: string, faults: Fault[]): void {
  if (!Array.isArray(tiers)) return;
  for (const [i, tier] of tiers.entries()) {
    const pointer = below(below(at, i), "upTo");
    const last = i === tiers.length - 1;
    const given = isObject(tier) && Object.hasOwn(tier, "upTo");
    const [before, own] = [upToOf(tiers[i - 1]), upToOf(tier)];
    if (last && given) faults.push({ pointer, detail: "must be absent in the last tier" });
    else if (!last && isObject(tier) && !given)
      faults.push({ pointer, detail: "is required in all tiers but the last" });
    else if (before !== undefined && own !== undefined && own <= before)
      faults.push({ pointer, detail: "must be above the tier before" });
  }
}

const tier = object({ unitPrice: decimal }, { upTo: positiveDecimal });

export const pricing: Schema<Pricing> = variants("model", {
  flat: object({ model: oneOf(["flat"]), amount: money() }),
  per_unit: object({ model: oneOf(["per_unit"]), unitPrice: decimal }),
  graduated: object({ model: oneOf(["graduated"]), tiers: refine(array(tier, 1, 20), checkTiers) }),
});

/** What updatePlan may change, and what has to hold of a plan with this meter. */
export const planPatch = (meter: string | undefined) =>
  refine(object({ name: text(1, 120), pricing }, { description: text(1, 1000) }), (value, at, faults) => {
    if (meter !== undefined && isObject(value) && isObject(value.pricing) && value.pricing.model === "flat")
      faults.push({ pointer: `${at}/pricing/model`, detail: "a plan with a meter cannot be flat" });
  });

export const newPlan = refine(
  object(
    { name: text(1, 120), interval: oneOf<Interval>(["month", "year"]), pricing },
    {
      description: text(1, 1000),
      currency: oneOf<Currency>(currencies),
      meter: matching(/^[a-z][a-z0-9_]{0,31}$/, 32),
    },
  ),
  (value, at, faults) => {
    const flat = isObject(value) && isObject(value.pricing) && value.pricing.model === "flat";
    if (flat && Object.hasOwn(value, "meter"))
      faults.push({ pointer: `${at}/meter`, detail: "a flat plan has no meter" });
  },
);

export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly currency: Currency;
  readonly interval: Interval;
  readonly meter?: string;
  readonly pricing: Pricing;
  readonly status: "active" | "archived";
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A plan of the account, or undefined whatever the id looks like. */
export async function findPlan(accountId: string, planId: string): Promise<Stored<Plan> | undefined> {
  return isId("plan", planId) ? read<Stored<Plan>>(tables.catalog, { pk: accountId, sk: planId }) : undefined;
}
