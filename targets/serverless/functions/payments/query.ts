import { type Handler, listReply, serve } from "../../lib/http.ts";
import { isId } from "../../lib/ids.ts";
import { notFound } from "../../lib/problem.ts";
import { read, tables } from "../../lib/table.ts";
import { loadPayment, type PaymentItem, type RefundItem } from "./model.ts";

const listPayments: Handler = (call) => {
  const { invoiceId, status } = call.query;
  const range = {
    table: tables.payments,
    pk: call.accountId,
    prefix: "pay_",
    descending: true,
    filters: { "doc.invoiceId": invoiceId, "doc.status": status },
  };
  return listReply<PaymentItem>(call, range, (payment) => payment.doc);
};

const getPayment: Handler = async (call) => {
  const payment = await loadPayment(call.accountId, call.path("paymentId"));
  return { status: 200, body: payment.doc };
};

const listRefunds: Handler = async (call) => {
  const payment = await loadPayment(call.accountId, call.path("paymentId"));
  const range = {
    table: tables.payments,
    pk: call.accountId,
    index: { name: "byGroup", key: "g" },
    prefix: `${payment.sk}#`,
  };
  return listReply<RefundItem>(call, range, (refund) => refund.doc);
};

const getRefund: Handler = async (call) => {
  const id = call.path("refundId");
  const refund = isId("ref", id)
    ? await read<RefundItem>(tables.payments, { pk: call.accountId, sk: id })
    : undefined;
  if (!refund) throw notFound("refund");
  return { status: 200, body: refund.doc };
};

export const handler = serve({ listPayments, getPayment, listRefunds, getRefund });
