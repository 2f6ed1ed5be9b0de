import { formatDecimal, type Millionths, one } from "./decimal.ts";
import { type Currency, divideHalfEven, exponents, largestAmount, type Minor } from "./money.ts";

/** How a plan charges. Unit prices are in major units. */
export type Pricing =
  | { readonly model: "flat"; readonly amount: number }
  | { readonly model: "per_unit"; readonly unitPrice: Millionths }
  | { readonly model: "graduated"; readonly tiers: readonly Tier[] };

/** Covers quantities up to and including `upTo`; the last tier has no end. */
export interface Tier {
  readonly upTo?: Millionths;
  readonly unitPrice: Millionths;
}

/** What is charged before rounding: a quantity at a price in major units. */
export interface Charge {
  readonly quantity: Millionths;
  readonly unitPrice: Millionths;
}

/** A charge with its money. */
export interface PricedLine extends Charge {
  readonly amount: Minor;
  readonly taxAmount: Minor;
}

export interface Totals {
  readonly subtotal: Minor;
  readonly tax: Minor;
  readonly total: Minor;
}

/** The charges for a quantity; none for quantity 0 unless the price is flat. */
export function charges(pricing: Pricing, quantity: Millionths, currency: Currency): Charge[] {
  switch (pricing.model) {
    case "flat":
      return [
        { quantity: one, unitPrice: (BigInt(pricing.amount) * one) / 10n ** BigInt(exponents[currency]) },
      ];
    case "per_unit":
      return quantity > 0n ? [{ quantity, unitPrice: pricing.unitPrice }] : [];
    case "graduated":
      return graduated(pricing.tiers, quantity);
  }
}

function graduated(tiers: readonly Tier[], quantity: Millionths): Charge[] {
  const result: Charge[] = [];
  let covered = 0n;
  for (const { upTo = quantity, unitPrice } of tiers) {
    const end = upTo < quantity ? upTo : quantity;
    if (end > covered) result.push({ quantity: end - covered, unitPrice });
    covered = upTo;
  }
  return result;
}

/** Rounds once for the amount and once for the tax, half-even, to the minor unit. */
export function priceLine(charge: Charge, currency: Currency, taxRateBasisPoints: number): PricedLine {
  const exact = charge.quantity * charge.unitPrice * 10n ** BigInt(exponents[currency]);
  const amount = divideHalfEven(exact, one * one);
  return { ...charge, amount, taxAmount: divideHalfEven(amount * BigInt(taxRateBasisPoints), 10_000n) };
}

/** Sums over lines; there is no rounding here. */
export function totalsOf(lines: readonly { amount: Minor; taxAmount: Minor }[]): Totals {
  let subtotal = 0n;
  let tax = 0n;
  for (const line of lines) {
    subtotal += line.amount;
    tax += line.taxAmount;
  }
  return { subtotal, tax, total: subtotal + tax };
}

/** Whether every amount can be said in the API. The total is the largest of them all. */
export const fits = (totals: Totals): boolean => totals.total <= largestAmount;

/** Pricing as the API says it. */
export type PricingBody =
  | { readonly model: "flat"; readonly amount: number }
  | { readonly model: "per_unit"; readonly unitPrice: string }
  | { readonly model: "graduated"; readonly tiers: readonly { upTo?: string; unitPrice: string }[] };

export function pricingBody(pricing: Pricing): PricingBody {
  switch (pricing.model) {
    case "flat":
      return pricing;
    case "per_unit":
      return { model: "per_unit", unitPrice: formatDecimal(pricing.unitPrice) };
    case "graduated":
      return {
        model: "graduated",
        tiers: pricing.tiers.map(({ upTo, unitPrice }) => ({
          ...(upTo === undefined ? {} : { upTo: formatDecimal(upTo) }),
          unitPrice: formatDecimal(unitPrice),
        })),
      };
  }
}
