import { divideHalfEven } from "../../lib/decimal.ts";
import { type Currency, priceLine, totalsOf } from "../../lib/money.ts";
import { price } from "../../lib/pricing.ts";
import { formatTime, parseTime, periodAt } from "../../lib/time.ts";
import type { Plan } from "../catalog/store.ts";

export interface Proration {
  readonly effectiveAt: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly currency: Currency;
  readonly credit: number;
  readonly charge: number;
  /** charge − credit; may be negative. */
  readonly net: number;
}

/** What a subscription is on, before or after a change. */
export interface Side {
  readonly plan: Plan;
  readonly quantity: string;
}

/** The fee of a period before tax; usage plans have none. @throws AmountTooLarge */
export function recurringFee({ plan, quantity }: Side): number {
  if (plan.meter !== undefined) return 0;
  return totalsOf(
    price(plan.pricing, quantity, plan.currency).map((rate) => priceLine(rate, plan.currency, 0)),
  ).subtotal;
}

/**
 * What the rest of the period is worth before and after a change, to the millisecond.
 * @param startsAt the subscription's anchor; both times as `formatTime` writes them
 * @throws AmountTooLarge
 */
export function prorate(before: Side, after: Side, startsAt: string, effectiveAt: string): Proration {
  const at = parseTime(effectiveAt) ?? Number.NaN;
  const { start, end } = periodAt(parseTime(startsAt) ?? Number.NaN, before.plan.interval, at);
  const share = (side: Side): number =>
    Number(divideHalfEven(BigInt(recurringFee(side)) * BigInt(end - at), BigInt(end - start)));
  const [credit, charge] = [share(before), share(after)];
  return {
    effectiveAt,
    periodStart: formatTime(start),
    periodEnd: formatTime(end),
    currency: before.plan.currency,
    credit,
    charge,
    net: charge - credit,
  };
}
