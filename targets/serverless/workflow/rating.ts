import type { FailureReason, Invoice, InvoiceLine, Rated, RatingBasis } from "../functions/invoices/model.ts";
import { newId } from "../lib/ids.ts";
import { AmountTooLarge, priceLine, type Totals, totalsOf } from "../lib/money.ts";
import { price } from "../lib/pricing.ts";

/**
 * The rated lines of a quantity (canonical decimal): of the metered usage, or of the subscription when the plan
 * has no meter. Empty when the pricing gives no line.
 */
export function rate(
  invoice: Pick<Invoice, "currency" | "taxRateBasisPoints">,
  basis: RatingBasis,
  quantity: string,
  nowMs: number,
): Rated {
  try {
    const lines = price(basis.pricing, quantity, invoice.currency).map(
      (each): InvoiceLine => ({
        id: newId("line", nowMs),
        kind: basis.meter === undefined ? "recurring" : "usage",
        description: basis.planName,
        ...priceLine(each, invoice.currency, invoice.taxRateBasisPoints),
      }),
    );
    return { lines };
  } catch (error) {
    if (error instanceof AmountTooLarge) return { failure: "amount_too_large" };
    throw error;
  }
}

/** What a rated invoice becomes, before it has a number. */
export type Outcome =
  | { readonly kind: "billed"; readonly changes: Totals & { readonly lines: readonly InvoiceLine[] } }
  | { readonly kind: "failed"; readonly failureReason: FailureReason };

/** Joins manual and rated lines. No line at all, or too great a sum, has failed. */
export function outcomeOf(invoice: Pick<Invoice, "lines">, rated: Rated): Outcome {
  if ("failure" in rated) return { kind: "failed", failureReason: rated.failure };
  const lines = [...invoice.lines, ...rated.lines];
  if (lines.length === 0) return { kind: "failed", failureReason: "nothing_to_bill" };
  try {
    return { kind: "billed", changes: { lines, ...totalsOf(lines) } };
  } catch (error) {
    if (error instanceof AmountTooLarge) return { kind: "failed", failureReason: "amount_too_large" };
    throw error;
  }
}
