import { etagOf } from "../http/etag.ts";
import { operation } from "../http/operation.ts";
import { conflict, notFound } from "../http/problem.ts";
import { invoiceBody } from "./invoice.ts";
import { lockInvoice } from "./store.ts";

/** Hands an invoice to the finalization worker: the status and the job are one commit. */
export const finalizeInvoice = operation({
  id: "finalizeInvoice",
  method: "POST",
  path: "/invoices/{invoiceId}/finalize",
  scope: "invoices:write",
  idempotent: true,
  async handle({ db, accountId, params, now, afterCommit, wake }) {
    const invoice = await lockInvoice(db, accountId, params.invoiceId);
    if (invoice === undefined) throw notFound();
    if (invoice.status !== "draft" && invoice.status !== "failed")
      throw conflict(`The invoice is ${invoice.status}.`);
    await db.run(
      "UPDATE invoices SET status = 'finalizing', failure_reason = NULL, updated_at = $2 WHERE id = $1",
      [invoice.id, now],
    );
    await db.run("INSERT INTO finalization_jobs (invoice_id, due_at) VALUES ($1, $2)", [invoice.id, now]);
    afterCommit(wake.finalization);
    const body = invoiceBody({ ...invoice, status: "finalizing", failure_reason: null, updated_at: now });
    return {
      status: 202,
      headers: { ETag: etagOf(body), Location: `/invoices/${invoice.id}`, "Retry-After": "1" },
      body,
    };
  },
});
