import { halfEven } from "./arithmetic.ts";
import { periodAt } from "./periods.ts";

/** A change of plan or quantity, its fees known. */
export interface FeeChange {
  readonly startsAt: string;
  /** Of a period. */
  readonly months: number;
  readonly currency: string;
  /** What a whole period costs before and after the change, minor units. */
  readonly oldFee: number;
  readonly newFee: number;
}

/** The proration that the documents compute for a change at an instant. */
export function prorationAt(effectiveAt: string, { startsAt, months, currency, oldFee, newFee }: FeeChange) {
  const at = Date.parse(effectiveAt);
  const { periodStart, periodEnd } = periodAt(startsAt, months, at);
  const share = (fee: number): number => {
    const remaining = BigInt(Date.parse(periodEnd) - at);
    return Number(halfEven(BigInt(fee) * remaining, BigInt(Date.parse(periodEnd) - Date.parse(periodStart))));
  };
  const [credit, charge] = [share(oldFee), share(newFee)];
  return { effectiveAt, periodStart, periodEnd, currency, credit, charge, net: charge - credit };
}
