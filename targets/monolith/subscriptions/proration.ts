import { type PlanRow, pricingOf } from "../catalog/plan.ts";
import type { Millionths } from "../domain/decimal.ts";
import { divideHalfEven, largestAmount, type Minor, toAmount } from "../domain/money.ts";
import { periodAt } from "../domain/periods.ts";
import { charges, priceLine } from "../domain/pricing.ts";
import { formatTime } from "../domain/time.ts";

/** A plan and how much of it. */
export interface Terms {
  readonly plan: PlanRow;
  readonly quantity: Millionths;
}

/**
 * What moving from one set of terms to another costs for the rest of the period, before tax.
 *
 * @returns the proration as the API says it, or `undefined` when a recurring fee cannot be said (above 2^53-1)
 */
export function prorate(before: Terms, after: Terms, startsAt: Date, effectiveAt: Date) {
  const fees = [recurringFee(before), recurringFee(after)] as const;
  if (fees.some((fee) => fee > largestAmount)) return undefined;
  const { start, end } = periodAt(startsAt, before.plan.interval, effectiveAt);
  const left = BigInt(end.getTime() - effectiveAt.getTime());
  const whole = BigInt(end.getTime() - start.getTime());
  const [credit, charge] = fees.map((fee) => toAmount(divideHalfEven(fee * left, whole))) as [number, number];
  return {
    effectiveAt: formatTime(effectiveAt),
    periodStart: formatTime(start),
    periodEnd: formatTime(end),
    currency: before.plan.currency,
    credit,
    charge,
    net: charge - credit,
  };
}

/** The sum of the line amounts for a whole period; metered plans have no recurring fee. */
function recurringFee({ plan, quantity }: Terms): Minor {
  if (plan.meter !== null) return 0n;
  let fee = 0n;
  for (const charge of charges(pricingOf(plan), quantity, plan.currency))
    fee += priceLine(charge, plan.currency, 0).amount;
  return fee;
}
