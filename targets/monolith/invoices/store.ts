import type { Queryable } from "../db/database.ts";
import { one } from "../db/one.ts";
import { formatDecimal } from "../domain/decimal.ts";
import { newId } from "../domain/ids.ts";
import { toAmount } from "../domain/money.ts";
import type { PricedLine } from "../domain/pricing.ts";
import { notFound } from "../http/problem.ts";
import type { InvoiceRow, LineRow } from "./invoice.ts";

/** Invoices with their lines; decimals travel as text, because JSON numbers would not keep them. */
export const selectInvoices = `SELECT i.*, coalesce((
    SELECT json_agg(json_build_object('id', l.id, 'kind', l.kind, 'description', l.description,
      'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'amount', l.amount, 'tax_amount', l.tax_amount)
      ORDER BY l.position)
    FROM invoice_lines l WHERE l.invoice_id = i.id), '[]'::json) AS lines
  FROM invoices i`;

/** An invoice by its id, whoever's it is. */
export const readInvoice = (db: Queryable, id: string): Promise<InvoiceRow> =>
  one<InvoiceRow>(db, `${selectInvoices} WHERE i.id = $1`, [id]);

/** The invoice a path names. @throws Problem 404 */
export async function findInvoice(
  db: Queryable,
  accountId: string,
  id: string | undefined,
): Promise<InvoiceRow> {
  const row = await db.row<InvoiceRow>(`${selectInvoices} WHERE i.account_id = $1 AND i.id = $2`, [
    accountId,
    id,
  ]);
  if (row === undefined) throw notFound();
  return row;
}

/** The invoice, its row locked until the transaction ends, or `undefined` when the account has none such. */
export async function lockInvoice(
  tx: Queryable,
  accountId: string,
  id: string | undefined,
): Promise<InvoiceRow | undefined> {
  const lock = await tx.row<{ id: string }>(
    "SELECT id FROM invoices WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE",
    [accountId, id],
  );
  // A statement of its own: one that waited for the lock would still see the lines from before it.
  return lock === undefined ? undefined : readInvoice(tx, lock.id);
}

/** Writes priced lines behind those there are. */
export async function appendLines(
  tx: Queryable,
  invoice: InvoiceRow,
  kind: LineRow["kind"],
  description: string,
  lines: readonly PricedLine[],
): Promise<void> {
  await Promise.all(
    lines.map((line, index) =>
      tx.run(
        `INSERT INTO invoice_lines (id, invoice_id, position, kind, description, quantity, unit_price, amount, tax_amount)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          newId("line"),
          invoice.id,
          invoice.lines.length + index + 1,
          kind,
          description,
          formatDecimal(line.quantity),
          formatDecimal(line.unitPrice),
          toAmount(line.amount),
          toAmount(line.taxAmount),
        ],
      ),
    ),
  );
}
