import { isId } from "../../lib/ids.ts";
import { notFound } from "../../lib/problem.ts";
import { read, tables } from "../../lib/table.ts";
import type { InvoiceItem } from "./model.ts";

/** An invoice of the account, or undefined whatever the id looks like. */
export async function findInvoice(accountId: string, id: string): Promise<InvoiceItem | undefined> {
  return isId("inv", id) ? read<InvoiceItem>(tables.invoices, { pk: accountId, sk: id }) : undefined;
}

/** @throws Problem 404 */
export async function loadInvoice(accountId: string, id: string): Promise<InvoiceItem> {
  const invoice = await findInvoice(accountId, id);
  if (!invoice) throw notFound("invoice");
  return invoice;
}
