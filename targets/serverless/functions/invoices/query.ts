import { type Handler, listReply, serve } from "../../lib/http.ts";
import { etagOf } from "../../lib/precondition.ts";
import { tables } from "../../lib/table.ts";
import type { InvoiceItem } from "./model.ts";
import { loadInvoice } from "./store.ts";

const listInvoices: Handler = (call) => {
  const { status, subscriptionId } = call.query;
  const range = {
    table: tables.invoices,
    pk: call.accountId,
    prefix: "inv_",
    descending: true,
    filters: { "doc.status": status, "doc.subscriptionId": subscriptionId },
  };
  return listReply<InvoiceItem>(call, range, (invoice) => invoice.doc);
};

const getInvoice: Handler = async (call) => {
  const invoice = await loadInvoice(call.accountId, call.path("invoiceId"));
  return { status: 200, headers: { etag: etagOf(invoice.version) }, body: invoice.doc };
};

export const handler = serve({ listInvoices, getInvoice });
