import { one } from "../db/one.ts";
import { newId } from "../domain/ids.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { conflict, invalidAt } from "../http/problem.ts";
import { announce } from "../invoices/finalization.ts";
import { lockInvoice } from "../invoices/store.ts";
import { choice, filter, idOf } from "../validation/query.ts";
import { publish } from "../webhooks/events.ts";
import { failures, newPayment, type PaymentRow, paymentBody, paymentStatuses } from "./payment.ts";
import { findPayment } from "./store.ts";

const listPayments = listOperation({
  id: "listPayments",
  path: "/payments",
  scope: "payments:read",
  filters: { invoiceId: filter(idOf("inv")), status: filter(choice(paymentStatuses)) },
  source: ({ accountId, query }) => ({
    select: "SELECT * FROM payments",
    where: [
      ["account_id =", accountId],
      ["invoice_id =", query.invoiceId],
      ["status =", query.status],
    ],
    sort: "created_at",
    direction: "DESC",
  }),
  item: paymentBody,
});

const createPayment = operation({
  id: "createPayment",
  method: "POST",
  path: "/payments",
  scope: "payments:write",
  body: "application/json",
  idempotent: true,
  async handle({ db, accountId, body, now, afterCommit, wake }) {
    const { invoiceId, amount, method } = readBody(newPayment, body);
    // Locked, so that two payments at once are one after the other.
    const invoice = await lockInvoice(db, accountId, invoiceId);
    if (invoice === undefined) throw invalidAt("/invoiceId", "is not an invoice of this account");
    if (invoice.status !== "open") throw conflict(`The invoice is ${invoice.status}, not open.`);
    const due = invoice.total - invoice.amount_paid;
    if (amount > due) throw invalidAt("/amount", `is more than the ${due} due`);

    const failure = failures[method];
    const row = await one<PaymentRow>(
      db,
      `INSERT INTO payments (id, account_id, invoice_id, amount, currency, method, status, failure_reason, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *`,
      [
        newId("pay"),
        accountId,
        invoice.id,
        amount,
        invoice.currency,
        method,
        failure === null ? "succeeded" : "failed",
        failure,
        now,
      ],
    );
    const payment = paymentBody(row);
    const paid = failure === null && amount === due;
    if (failure === null)
      await db.run(
        "UPDATE invoices SET amount_paid = amount_paid + $2, status = $3, updated_at = $4 WHERE id = $1",
        [invoice.id, amount, paid ? "paid" : "open", now],
      );
    const type = failure === null ? "payment.succeeded" : "payment.failed";
    await publish(db, accountId, { type, data: payment, invoiceId: invoice.id }, now);
    if (paid) await announce(db, invoice, "invoice.paid", now);
    afterCommit(wake.delivery);
    return { status: 201, headers: { Location: `/payments/${payment.id}` }, body: payment };
  },
});

const getPayment = operation({
  id: "getPayment",
  method: "GET",
  path: "/payments/{paymentId}",
  scope: "payments:read",
  async handle({ db, accountId, params }) {
    return { status: 200, body: paymentBody(await findPayment(db, accountId, params.paymentId)) };
  },
});

export const paymentOperations: readonly Operation[] = [listPayments, createPayment, getPayment];
