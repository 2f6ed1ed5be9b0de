import type { Currency, Line } from "../../lib/money.ts";
import type { Pricing } from "../../lib/pricing.ts";

export type InvoiceStatus = "draft" | "finalizing" | "open" | "paid" | "failed" | "void";
export type FailureReason = "nothing_to_bill" | "amount_too_large";

export interface InvoiceLine extends Line {
  readonly id: string;
  readonly kind: "manual" | "usage" | "recurring";
  readonly description: string;
}

export interface StoredLine extends InvoiceLine {
  /** The command that added it, for the retry of a request whose function died before it could answer. */
  readonly command?: string;
}

/** What an invoice is rated by: the subscription and its plan as the first attempt found them. */
export interface RatingBasis {
  readonly planName: string;
  readonly pricing: Pricing;
  readonly meter?: string;
  readonly quantity: string;
}

/**
 * An invoice as stored in the invoices table under (account, id). Everything below `version` is not shown.
 * Every write is conditional on the version it read and raises it, so the history of an invoice is a line.
 */
export interface InvoiceItem {
  readonly pk: string;
  readonly sk: string;
  readonly id: string;
  readonly subscriptionId: string;
  readonly status: InvoiceStatus;
  readonly number?: number;
  readonly currency: Currency;
  readonly taxRateBasisPoints: number;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly memo?: string;
  readonly lines: readonly StoredLine[];
  readonly subtotal: number;
  readonly tax: number;
  readonly total: number;
  readonly amountPaid: number;
  readonly failureReason?: FailureReason;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finalizedAt?: string;

  readonly version: number;
  /** The workflow execution that may finalize it, and the command that asked for it. */
  readonly execution?: string;
  readonly finalizeCommand?: string;
  /** Set by the first rating of an execution, kept by its retries. */
  readonly basis?: RatingBasis;
  /** The one rater at work that may claim; another run of the rater replaces it. */
  readonly rater?: string;
  /** What rating came to; final for the execution. */
  readonly rated?: { readonly lines: readonly InvoiceLine[] } | { readonly failure: FailureReason };
  /** Whether usage events or the period's fee may carry this invoice's claim. */
  readonly mayClaim?: boolean;
}

/** The representation of an invoice. */
export function toInvoice(item: InvoiceItem) {
  return {
    id: item.id,
    subscriptionId: item.subscriptionId,
    status: item.status,
    ...(item.number === undefined ? {} : { number: item.number }),
    currency: item.currency,
    taxRateBasisPoints: item.taxRateBasisPoints,
    periodStart: item.periodStart,
    periodEnd: item.periodEnd,
    ...(item.memo === undefined ? {} : { memo: item.memo }),
    lines: item.lines.map(toLine),
    subtotal: item.subtotal,
    tax: item.tax,
    total: item.total,
    amountPaid: item.amountPaid,
    amountDue: item.total - item.amountPaid,
    ...(item.failureReason === undefined ? {} : { failureReason: item.failureReason }),
    createdAt: item.createdAt,
    updatedAt: item.updatedAt,
    ...(item.finalizedAt === undefined ? {} : { finalizedAt: item.finalizedAt }),
  };
}
export type Invoice = ReturnType<typeof toInvoice>;

function toLine({ id, kind, description, quantity, unitPrice, amount, taxAmount }: StoredLine): InvoiceLine {
  return { id, kind, description, quantity, unitPrice, amount, taxAmount };
}

/** The next version of an invoice; `updatedAt` never goes back, whatever the clocks of two functions say. */
export function advance(item: InvoiceItem, changes: Partial<InvoiceItem>, now: string): InvoiceItem {
  const updatedAt = now > item.updatedAt ? now : item.updatedAt;
  return { ...item, ...changes, updatedAt, version: item.version + 1 };
}
