import { toAmount } from "../domain/money.ts";
import { fits, priceLine, totalsOf } from "../domain/pricing.ts";
import { etagOf, requireMatch } from "../http/etag.ts";
import { operation, readBody } from "../http/operation.ts";
import { conflict, invalidAt, notFound } from "../http/problem.ts";
import { type InvoiceRow, invoiceBody, mostLines, newLine } from "./invoice.ts";
import { appendLines, lockInvoice, readInvoice } from "./store.ts";

/** A manual line at the end of a draft. */
export const addInvoiceLine = operation({
  id: "addInvoiceLine",
  method: "POST",
  path: "/invoices/{invoiceId}/lines",
  scope: "invoices:write",
  body: "application/json",
  idempotent: true,
  async handle({ db, accountId, params, body, ifMatch, now }) {
    const invoice = await lockInvoice(db, accountId, params.invoiceId);
    if (invoice === undefined) throw notFound();
    const input = readBody(newLine, body);
    const line = priceLine(input, invoice.currency, invoice.tax_rate_basis_points);
    const totals = totalsOf([...pricedAlready(invoice), line]);
    if (!fits(totals)) throw invalidAt("/quantity", "makes an amount above 9007199254740991");
    requireMatch(ifMatch, invoiceBody(invoice));
    if (invoice.status !== "draft") throw conflict(`The invoice is ${invoice.status}, not a draft.`);
    if (invoice.lines.length >= mostLines) throw conflict(`The invoice has ${mostLines} lines already.`);

    await appendLines(db, invoice, "manual", input.description, [line]);
    await db.run("UPDATE invoices SET subtotal = $2, tax = $3, total = $4, updated_at = $5 WHERE id = $1", [
      invoice.id,
      toAmount(totals.subtotal),
      toAmount(totals.tax),
      toAmount(totals.total),
      now,
    ]);
    const representation = invoiceBody(await readInvoice(db, invoice.id));
    return { status: 201, headers: { ETag: etagOf(representation) }, body: representation };
  },
});

/** The lines an invoice has, as far as totals need them. */
export const pricedAlready = (invoice: InvoiceRow) =>
  invoice.lines.map((line) => ({ amount: BigInt(line.amount), taxAmount: BigInt(line.tax_amount) }));
