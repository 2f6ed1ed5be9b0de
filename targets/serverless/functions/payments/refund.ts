import type { Handler } from "../../lib/http.ts";
import { newId } from "../../lib/ids.ts";
import { conflict } from "../../lib/problem.ts";
import { money, object, text, validate } from "../../lib/schema.ts";
import { commit, insert, replace, tables, untilUncontended, type Write } from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { type Listeners, listenersOf, stage } from "../../workflow/outbox.ts";
import { advance, touched } from "../invoices/model.ts";
import { loadInvoice } from "../invoices/store.ts";
import { loadPayment, type Payment, type Refund, type RefundItem } from "./model.ts";

const request = object({ amount: money(1) }, { reason: text(1, 200) });

/** Refunds a part of a payment; conditional on the payment's version, so that the sum never exceeds it. */
export const refundPayment: Handler = (call, keep) =>
  untilUncontended(async () => {
    const [stored, listeners] = await Promise.all([
      loadPayment(call.accountId, call.path("paymentId")),
      listenersOf(call.accountId, ["payment.refunded"]),
    ]);
    const { amount, reason } = validate(request, call.body);
    if (stored.doc.status !== "succeeded") throw conflict("The payment has not succeeded.");
    if (amount > stored.doc.amount - stored.doc.refundedAmount)
      throw conflict("The refunds would exceed the payment.");
    const payment: Payment = { ...stored.doc, refundedAmount: stored.doc.refundedAmount + amount };
    const refund: Refund = {
      id: newId("ref", call.now),
      paymentId: payment.id,
      amount,
      currency: payment.currency,
      status: "succeeded",
      ...(reason === undefined ? {} : { reason }),
      createdAt: formatTime(call.now),
    };
    const told = await tell(call.accountId, listeners, payment, call.now);
    const item: RefundItem = {
      pk: call.accountId,
      sk: refund.id,
      g: `${payment.id}#${refund.id}`,
      doc: refund,
    };
    const reply = { status: 201, headers: { location: `/refunds/${refund.id}` }, body: refund };
    const writes = [replace(tables.payments, stored, payment), insert(tables.payments, { ...item }), ...told];
    return (await commit([...writes, ...keep(reply)])) ? undefined : reply;
  });

/** The event's writes. The invoice only lends its revision, which puts its events in order. */
async function tell(
  accountId: string,
  listeners: Listeners,
  payment: Payment,
  at: number,
): Promise<readonly Write[]> {
  if ((listeners.get("payment.refunded")?.length ?? 0) === 0) return [];
  const invoice = await loadInvoice(accountId, payment.invoiceId);
  const after = touched(invoice);
  const staged = stage(listeners, {
    accountId,
    group: invoice.sk,
    sequence: after.revision,
    at,
    events: [{ type: "payment.refunded", resourceId: payment.id, data: payment }],
  });
  await staged.start();
  return [advance(invoice, after), ...staged.writes];
}
