import type { Handler } from "../../lib/http.ts";
import { newId } from "../../lib/ids.ts";
import { AmountTooLarge, priceLine, totalsOf } from "../../lib/money.ts";
import { etagOf, requireMatch } from "../../lib/precondition.ts";
import { conflict, invalidAt } from "../../lib/problem.ts";
import { decimal, type Infer, object, text, validate } from "../../lib/schema.ts";
import { commit, untilUncontended } from "../../lib/table.ts";
import { advance, changed, type Invoice, type InvoiceLine } from "./model.ts";
import { loadInvoice } from "./store.ts";

const request = object({ description: text(1, 200), quantity: decimal, unitPrice: decimal });
const maxLines = 100;

export const addInvoiceLine: Handler = (call, keep) =>
  untilUncontended(async () => {
    const found = await loadInvoice(call.accountId, call.path("invoiceId"));
    const additions = withLine(found.doc, validate(request, call.body), call.now);
    requireMatch(call.ifMatch, found.version);
    if (found.doc.status !== "draft") throw conflict(`The invoice is ${found.doc.status}.`);
    if (found.doc.lines.length >= maxLines) throw conflict(`The invoice has ${maxLines} lines.`);
    const after = changed(found, additions, call.now);
    const reply = { status: 201, headers: { etag: etagOf(after.version) }, body: after.doc };
    return (await commit([advance(found, after), ...keep(reply)])) ? undefined : reply;
  });

/** The lines and totals with one manual line more. @throws Problem 422 */
function withLine(
  invoice: Invoice,
  { description, quantity, unitPrice }: Infer<typeof request>,
  now: number,
) {
  try {
    const rate = { quantity, unitPrice };
    const line: InvoiceLine = {
      id: newId("line", now),
      kind: "manual",
      description,
      ...priceLine(rate, invoice.currency, invoice.taxRateBasisPoints),
    };
    const lines = [...invoice.lines, line];
    return { lines, ...totalsOf(lines) };
  } catch (error) {
    if (error instanceof AmountTooLarge) throw invalidAt("/quantity", "makes an amount above 2^53 - 1");
    throw error;
  }
}
