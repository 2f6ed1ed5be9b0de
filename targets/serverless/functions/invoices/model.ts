import type { Currency, Line, Totals } from "../../lib/money.ts";
import type { Pricing } from "../../lib/pricing.ts";
import { type Key, type Stored, tables, type Write } from "../../lib/table.ts";

export type InvoiceStatus = "draft" | "finalizing" | "open" | "paid" | "failed" | "void";
export type FailureReason = "nothing_to_bill" | "amount_too_large";

export interface InvoiceLine extends Line {
  readonly id: string;
  readonly kind: "manual" | "usage" | "recurring";
  readonly description: string;
}

/** The representation of an invoice. */
export interface Invoice extends Totals {
  readonly id: string;
  readonly subscriptionId: string;
  readonly status: InvoiceStatus;
  readonly number?: number;
  readonly currency: Currency;
  readonly taxRateBasisPoints: number;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly memo?: string;
  readonly lines: readonly InvoiceLine[];
  readonly amountPaid: number;
  readonly amountDue: number;
  readonly failureReason?: FailureReason;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finalizedAt?: string;
}

/** What an invoice is rated by: the subscription and its plan as the first rating of an execution found them. */
export interface RatingBasis {
  readonly planName: string;
  readonly pricing: Pricing;
  readonly meter?: string;
  readonly quantity: string;
}

/** What rating came to: lines, or why there can be none. */
export type Rated = { readonly lines: readonly InvoiceLine[] } | { readonly failure: FailureReason };

/** What is known of an invoice beside its representation. */
export interface InvoiceInternals {
  /** The workflow execution that finalizes it, or has. */
  readonly execution?: string;
  readonly basis?: RatingBasis;
  readonly rated?: Rated;
  /** Whether usage events or the period's fee may carry this invoice's claim. */
  readonly mayClaim?: boolean;
}

/**
 * An invoice as stored in the invoices table under (account, id). `version` counts changes of the representation,
 * `revision` all writes. Each write is conditional on the revision it has read: the history of an invoice is a
 * line, and who holds an old revision (a slow function, a repeated one) can do nothing any more.
 */
export interface InvoiceItem extends Stored<Invoice>, InvoiceInternals {
  readonly revision: number;
}

type Changes = { readonly [K in keyof Invoice]?: Invoice[K] | undefined };
type InternalChanges = { readonly [K in keyof InvoiceInternals]?: InvoiceInternals[K] | undefined };

/** The item with a changed representation; `undefined` takes a member away. Time never goes back, whatever the clocks say. */
export function changed(
  item: InvoiceItem,
  changes: Changes,
  nowMs: number,
  internals: InternalChanges = {},
): InvoiceItem {
  const now = new Date(nowMs).toISOString();
  const updatedAt = now > item.doc.updatedAt ? now : item.doc.updatedAt;
  const doc = { ...item.doc, ...changes, updatedAt } as Invoice;
  const next = touched(item, internals);
  return { ...next, version: item.version + 1, doc: { ...doc, amountDue: doc.total - doc.amountPaid } };
}

/** The item with nothing changed that anyone sees. */
export const touched = (item: InvoiceItem, internals: InternalChanges = {}): InvoiceItem =>
  ({ ...item, ...internals, revision: item.revision + 1 }) as InvoiceItem;

/** Writes the next state of an invoice; refused when someone else has written since `before` was read. */
export const advance = (before: InvoiceItem, after: InvoiceItem): Write => ({
  Put: {
    TableName: tables.invoices,
    Item: after,
    ConditionExpression: "revision = :revision",
    ExpressionAttributeValues: { ":revision": before.revision },
  },
});

/** Holds the rest of a transaction to the invoice being as it was read. */
export const untouched = (item: InvoiceItem): Write => ({
  ConditionCheck: {
    TableName: tables.invoices,
    Key: { pk: item.pk, sk: item.sk },
    ConditionExpression: "revision = :revision",
    ExpressionAttributeValues: { ":revision": item.revision },
  },
});

/** The last invoice number of an account. */
export interface NumberItem extends Key {
  readonly last: number;
}

export const numberKey = (accountId: string): Key => ({ pk: accountId, sk: "number" });
