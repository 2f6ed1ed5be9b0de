import { formatDecimal, fromNumeric } from "../domain/decimal.ts";
import type { Currency } from "../domain/money.ts";
import { formatTime } from "../domain/time.ts";
import { object, optional, required } from "../validation/reader.ts";
import { decimal, id, instant, text } from "../validation/scalars.ts";

export const invoiceStatuses = ["draft", "finalizing", "open", "paid", "failed", "void"] as const;

export interface LineRow {
  id: string;
  kind: "manual" | "usage" | "recurring";
  description: string;
  /** NUMERIC as PostgreSQL says it; so is the price. */
  quantity: string;
  unit_price: string;
  amount: number;
  tax_amount: number;
}

export interface InvoiceRow {
  id: string;
  account_id: string;
  subscription_id: string;
  status: (typeof invoiceStatuses)[number];
  number: number | null;
  currency: Currency;
  tax_rate_basis_points: number;
  period_start: Date;
  period_end: Date;
  memo: string | null;
  subtotal: number;
  tax: number;
  total: number;
  amount_paid: number;
  failure_reason: "nothing_to_bill" | "amount_too_large" | null;
  created_at: Date;
  updated_at: Date;
  finalized_at: Date | null;
  lines: LineRow[];
}

/** Body of draftInvoice. */
export const newInvoice = object({
  subscriptionId: required(id("sub")),
  periodStart: optional(instant),
  memo: optional(text(1, 500)),
});

/** Body of addInvoiceLine. */
export const newLine = object({
  description: required(text(1, 200)),
  quantity: required(decimal),
  unitPrice: required(decimal),
});

/** How many manual lines an invoice may have. */
export const mostLines = 100;

/** Invoice as the API says it. */
export const invoiceBody = (row: InvoiceRow) => ({
  id: row.id,
  subscriptionId: row.subscription_id,
  status: row.status,
  ...(row.number === null ? {} : { number: row.number }),
  currency: row.currency,
  taxRateBasisPoints: row.tax_rate_basis_points,
  periodStart: formatTime(row.period_start),
  periodEnd: formatTime(row.period_end),
  ...(row.memo === null ? {} : { memo: row.memo }),
  lines: row.lines.map(lineBody),
  subtotal: row.subtotal,
  tax: row.tax,
  total: row.total,
  amountPaid: row.amount_paid,
  amountDue: row.total - row.amount_paid,
  ...(row.failure_reason === null ? {} : { failureReason: row.failure_reason }),
  createdAt: formatTime(row.created_at),
  updatedAt: formatTime(row.updated_at),
  ...(row.finalized_at === null ? {} : { finalizedAt: formatTime(row.finalized_at) }),
});

const lineBody = (line: LineRow) => ({
  id: line.id,
  kind: line.kind,
  description: line.description,
  quantity: formatDecimal(fromNumeric(line.quantity)),
  unitPrice: formatDecimal(fromNumeric(line.unit_price)),
  amount: line.amount,
  taxAmount: line.tax_amount,
});
