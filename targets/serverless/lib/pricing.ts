import { formatDecimal, parseDecimal } from "./decimal.ts";
import { type Currency, type Rate, toMajor } from "./money.ts";

export interface Tier {
  readonly upTo?: string;
  readonly unitPrice: string;
}

export type Pricing =
  | { readonly model: "flat"; readonly amount: number }
  | { readonly model: "per_unit"; readonly unitPrice: string }
  | { readonly model: "graduated"; readonly tiers: readonly Tier[] };

/** Turns a quantity (canonical decimal) into the lines it costs, amounts not yet computed. */
export function price(pricing: Pricing, quantity: string, currency: Currency): readonly Rate[] {
  switch (pricing.model) {
    case "flat":
      return [{ quantity: "1", unitPrice: toMajor(pricing.amount, currency) }];
    case "per_unit":
      return parseDecimal(quantity) > 0n ? [{ quantity, unitPrice: pricing.unitPrice }] : [];
    case "graduated":
      return graduated(pricing.tiers, parseDecimal(quantity));
  }
}

function graduated(tiers: readonly Tier[], quantity: bigint): readonly Rate[] {
  let below = 0n;
  const rates: Rate[] = [];
  for (const { upTo, unitPrice } of tiers) {
    const top = upTo === undefined || parseDecimal(upTo) > quantity ? quantity : parseDecimal(upTo);
    if (top > below) rates.push({ quantity: formatDecimal(top - below), unitPrice });
    below = top;
  }
  return rates;
}
