import type { Handler } from "../../lib/http.ts";
import { newId } from "../../lib/ids.ts";
import { conflict, invalidAt } from "../../lib/problem.ts";
import { id, money, object, oneOf, validate } from "../../lib/schema.ts";
import { commit, insert, tables, untilUncontended } from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { type Happening, listenersOf, stage } from "../../workflow/outbox.ts";
import { advance, changed, type InvoiceItem, touched } from "../invoices/model.ts";
import { findInvoice } from "../invoices/store.ts";
import { failureOf, methods, type Payment, type PaymentItem } from "./model.ts";

const request = object({ invoiceId: id("inv"), amount: money(1), method: oneOf(methods) });

/**
 * Pays on an open invoice. The payment, what it changes on the invoice, and the events are one transaction on the
 * revision of the invoice that was read, so that two payments at once can't pay the same due amount twice.
 */
export const createPayment: Handler = (call, keep) => {
  const { invoiceId, amount, method } = validate(request, call.body);
  return untilUncontended(async () => {
    const [invoice, listeners] = await Promise.all([
      findInvoice(call.accountId, invoiceId),
      listenersOf(call.accountId, ["payment.succeeded", "payment.failed", "invoice.paid"]),
    ]);
    if (!invoice) throw invalidAt("/invoiceId", "is not an invoice of this account");
    if (invoice.doc.status !== "open") throw conflict(`The invoice is ${invoice.doc.status}.`);
    if (amount > invoice.doc.amountDue) throw invalidAt("/amount", "is more than is due");
    const failureReason = failureOf[method];
    const payment: Payment = {
      id: newId("pay", call.now),
      invoiceId,
      amount,
      currency: invoice.doc.currency,
      method,
      status: failureReason === undefined ? "succeeded" : "failed",
      ...(failureReason === undefined ? {} : { failureReason }),
      refundedAmount: 0,
      createdAt: formatTime(call.now),
    };
    const after = failureReason === undefined ? paid(invoice, amount, call.now) : touched(invoice);
    const staged = stage(listeners, {
      accountId: call.accountId,
      group: invoiceId,
      sequence: after.revision,
      at: call.now,
      events: eventsOf(payment, after),
    });
    await staged.start();
    const item: PaymentItem = { pk: call.accountId, sk: payment.id, version: 1, doc: payment };
    const reply = { status: 201, headers: { location: `/payments/${payment.id}` }, body: payment };
    const writes = [advance(invoice, after), insert(tables.payments, { ...item }), ...staged.writes];
    return (await commit([...writes, ...keep(reply)])) ? undefined : reply;
  });
};

function paid(invoice: InvoiceItem, amount: number, now: number): InvoiceItem {
  const amountPaid = invoice.doc.amountPaid + amount;
  return changed(invoice, { amountPaid, ...(amountPaid === invoice.doc.total && { status: "paid" }) }, now);
}

function eventsOf(payment: Payment, { doc: invoice }: InvoiceItem): readonly Happening[] {
  const events: Happening[] = [{ type: `payment.${payment.status}`, resourceId: payment.id, data: payment }];
  if (invoice.status === "paid") events.push({ type: "invoice.paid", resourceId: invoice.id, data: invoice });
  return events;
}
