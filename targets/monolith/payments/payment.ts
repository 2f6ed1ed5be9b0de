import type { Currency } from "../domain/money.ts";
import { formatTime } from "../domain/time.ts";
import { object, optional, required } from "../validation/reader.ts";
import { id, integer, oneOf, text } from "../validation/scalars.ts";

export const paymentStatuses = ["succeeded", "failed"] as const;

/** What a method token leads to: `null` is success. */
export const failures = {
  tok_ok: null,
  tok_declined: "declined",
  tok_insufficient_funds: "insufficient_funds",
} as const;
type Method = keyof typeof failures;

export interface PaymentRow {
  id: string;
  invoice_id: string;
  amount: number;
  currency: Currency;
  method: Method;
  status: (typeof paymentStatuses)[number];
  failure_reason: string | null;
  refunded_amount: number;
  created_at: Date;
}

export interface RefundRow {
  id: string;
  payment_id: string;
  amount: number;
  currency: Currency;
  reason: string | null;
  created_at: Date;
}

const positiveMoney = integer(1, Number.MAX_SAFE_INTEGER);

/** Body of createPayment. */
export const newPayment = object({
  invoiceId: required(id("inv")),
  amount: required(positiveMoney),
  method: required(oneOf(Object.keys(failures) as Method[])),
});

/** Body of refundPayment. */
export const newRefund = object({ amount: required(positiveMoney), reason: optional(text(1, 200)) });

/** Payment as the API says it. */
export const paymentBody = (row: PaymentRow) => ({
  id: row.id,
  invoiceId: row.invoice_id,
  amount: row.amount,
  currency: row.currency,
  method: row.method,
  status: row.status,
  ...(row.failure_reason === null ? {} : { failureReason: row.failure_reason }),
  refundedAmount: row.refunded_amount,
  createdAt: formatTime(row.created_at),
});

/** Refund as the API says it. */
export const refundBody = (row: RefundRow) => ({
  id: row.id,
  paymentId: row.payment_id,
  amount: row.amount,
  currency: row.currency,
  status: "succeeded",
  ...(row.reason === null ? {} : { reason: row.reason }),
  createdAt: formatTime(row.created_at),
});
