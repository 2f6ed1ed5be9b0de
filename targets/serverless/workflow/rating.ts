import type { InvoiceItem, InvoiceLine, RatingBasis } from "../functions/invoices/model.ts";
import { newId } from "../lib/ids.ts";
import { AmountTooLarge, priceLine, totalsOf } from "../lib/money.ts";
import { price } from "../lib/pricing.ts";

export type Rated = NonNullable<InvoiceItem["rated"]>;

/**
 * The rated lines of a quantity (canonical decimal): of the metered usage, or of the subscription when the plan
 * has no meter. Empty when the pricing gives no line.
 */
export function rate(
  invoice: Pick<InvoiceItem, "currency" | "taxRateBasisPoints">,
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
  | {
      readonly status: "open" | "paid";
      readonly changes: Pick<InvoiceItem, "lines" | "subtotal" | "tax" | "total">;
    }
  | { readonly status: "failed"; readonly failureReason: NonNullable<InvoiceItem["failureReason"]> };

/** Joins manual and rated lines. Nothing due is paid at once; no line at all, or too great a sum, has failed. */
export function outcomeOf(invoice: Pick<InvoiceItem, "lines">, rated: Rated): Outcome {
  if ("failure" in rated) return { status: "failed", failureReason: rated.failure };
  const lines = [...invoice.lines, ...rated.lines];
  if (lines.length === 0) return { status: "failed", failureReason: "nothing_to_bill" };
  try {
    const totals = totalsOf(lines);
    return { status: totals.total === 0 ? "paid" : "open", changes: { lines, ...totals } };
  } catch (error) {
    if (error instanceof AmountTooLarge) return { status: "failed", failureReason: "amount_too_large" };
    throw error;
  }
}
