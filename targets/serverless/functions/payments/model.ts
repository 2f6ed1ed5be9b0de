import { isId } from "../../lib/ids.ts";
import type { Currency } from "../../lib/money.ts";
import { notFound } from "../../lib/problem.ts";
import { type Key, read, type Stored, tables } from "../../lib/table.ts";

export const methods = ["tok_ok", "tok_declined", "tok_insufficient_funds"] as const;
export type PaymentMethod = (typeof methods)[number];
export type PaymentFailure = "declined" | "insufficient_funds";

/** What the bank says to a token; undefined: the payment succeeds. */
export const failureOf: Readonly<Record<PaymentMethod, PaymentFailure | undefined>> = {
  tok_ok: undefined,
  tok_declined: "declined",
  tok_insufficient_funds: "insufficient_funds",
};

/** The representation of a payment; amounts in minor units. */
export interface Payment {
  readonly id: string;
  readonly invoiceId: string;
  readonly amount: number;
  readonly currency: Currency;
  readonly method: PaymentMethod;
  readonly status: "succeeded" | "failed";
  readonly failureReason?: PaymentFailure;
  readonly refundedAmount: number;
  readonly createdAt: string;
}

/** A payment as stored in the payments table under (account, id). */
export type PaymentItem = Stored<Payment>;

/** The representation of a refund. */
export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: Currency;
  readonly status: "succeeded";
  readonly reason?: string;
  readonly createdAt: string;
}

/** A refund, in the payments table too; `g`, the sort key of the local index `byGroup`, is `paymentId#id`. */
export interface RefundItem extends Key {
  readonly g: string;
  readonly doc: Refund;
}

/** @throws Problem 404 */
export async function loadPayment(accountId: string, id: string): Promise<PaymentItem> {
  const payment = isId("pay", id)
    ? await read<PaymentItem>(tables.payments, { pk: accountId, sk: id })
    : undefined;
  if (!payment) throw notFound("payment");
  return payment;
}
