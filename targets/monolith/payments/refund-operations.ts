import { one } from "../db/one.ts";
import { newId } from "../domain/ids.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { conflict, notFound } from "../http/problem.ts";
import { publish } from "../webhooks/events.ts";
import { newRefund, type PaymentRow, paymentBody, type RefundRow, refundBody } from "./payment.ts";
import { findPayment } from "./store.ts";

const refundPayment = operation({
  id: "refundPayment",
  method: "POST",
  path: "/payments/{paymentId}/refunds",
  scope: "payments:write",
  body: "application/json",
  idempotent: true,
  async handle({ db, accountId, params, body, now, afterCommit, wake }) {
    const { id, invoice_id } = await findPayment(db, accountId, params.paymentId);
    const { amount, reason } = readBody(newRefund, body);
    // The invoice first, as everywhere: it keeps the invoice's events in order, and the payment still.
    await db.run("SELECT id FROM invoices WHERE id = $1 FOR NO KEY UPDATE", [invoice_id]);
    const payment = await findPayment(db, accountId, id);
    if (payment.status !== "succeeded") throw conflict("The payment has failed.");
    if (amount > payment.amount - payment.refunded_amount)
      throw conflict("The refunds together would be more than the payment.");
    const refund = await one<RefundRow>(
      db,
      `INSERT INTO refunds (id, account_id, payment_id, amount, currency, reason, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *`,
      [newId("ref"), accountId, id, amount, payment.currency, reason, now],
    );
    const refunded = await one<PaymentRow>(
      db,
      "UPDATE payments SET refunded_amount = refunded_amount + $2 WHERE id = $1 RETURNING *",
      [id, amount],
    );
    const data = paymentBody(refunded);
    await publish(db, accountId, { type: "payment.refunded", data, invoiceId: invoice_id }, now);
    afterCommit(wake.delivery);
    return { status: 201, headers: { Location: `/refunds/${refund.id}` }, body: refundBody(refund) };
  },
});

const listRefunds = listOperation({
  id: "listRefunds",
  path: "/payments/{paymentId}/refunds",
  scope: "payments:read",
  filters: {},
  async source({ db, accountId, params }) {
    const { id } = await findPayment(db, accountId, params.paymentId);
    return {
      select: "SELECT * FROM refunds",
      where: [["payment_id =", id]],
      sort: "created_at",
      direction: "ASC",
    };
  },
  item: refundBody,
});

const getRefund = operation({
  id: "getRefund",
  method: "GET",
  path: "/refunds/{refundId}",
  scope: "payments:read",
  async handle({ db, accountId, params }) {
    const row = await db.row<RefundRow>("SELECT * FROM refunds WHERE account_id = $1 AND id = $2", [
      accountId,
      params.refundId,
    ]);
    if (row === undefined) throw notFound();
    return { status: 200, body: refundBody(row) };
  },
});

export const refundOperations: readonly Operation[] = [refundPayment, listRefunds, getRefund];
