import type { Database, Queryable } from "../db/database.ts";
import { one } from "../db/one.ts";
import { toAmount } from "../domain/money.ts";
import { fits, totalsOf } from "../domain/pricing.ts";
import { type EventType, publish } from "../webhooks/events.ts";
import { pricedAlready } from "./add-line.ts";
import { type InvoiceRow, invoiceBody } from "./invoice.ts";
import { rate } from "./rating.ts";
import { appendLines, readInvoice } from "./store.ts";

/**
 * Does one due finalization, wholly in one transaction: a crash at any point leaves the job as it was, and the next
 * attempt bills once. Jobs that another worker is at are passed over.
 *
 * @returns whether there was one to do
 */
export async function finalizeNext(database: Database): Promise<boolean> {
  let invoiceId: string | undefined;
  try {
    return await database.transaction(async (tx) => {
      const now = new Date();
      const job = await tx.row<{ invoice_id: string }>(
        `SELECT invoice_id FROM finalization_jobs WHERE due_at <= $1
         ORDER BY due_at, invoice_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [now],
      );
      if (job === undefined) return false;
      invoiceId = job.invoice_id;
      await tx.run("SELECT id FROM invoices WHERE id = $1 FOR NO KEY UPDATE", [invoiceId]);
      await finish(tx, await readInvoice(tx, invoiceId), now);
      await tx.run("DELETE FROM finalization_jobs WHERE invoice_id = $1", [invoiceId]);
      return true;
    });
  } catch (error) {
    if (invoiceId === undefined) throw error;
    await postpone(database, invoiceId);
    console.error(JSON.stringify({ level: "error", message: `finalizing ${invoiceId}: ${String(error)}` }));
    return true;
  }
}

async function finish(tx: Queryable, invoice: InvoiceRow, now: Date): Promise<void> {
  await tx.run("SAVEPOINT rating");
  const rated = await rate(tx, invoice);
  const totals = totalsOf([...pricedAlready(invoice), ...rated.lines]);
  if (rated.lines.length === 0 || !fits(totals)) await tx.run("ROLLBACK TO SAVEPOINT rating");
  if (!fits(totals)) return fail(tx, invoice, "amount_too_large", now);
  if (rated.lines.length + invoice.lines.length === 0) return fail(tx, invoice, "nothing_to_bill", now);

  await appendLines(tx, invoice, rated.kind, rated.description, rated.lines);
  await tx.run(
    `UPDATE invoices SET status = 'open', number = $2, subtotal = $3, tax = $4, total = $5, finalized_at = $6,
       updated_at = $6 WHERE id = $1`,
    [
      invoice.id,
      await nextNumber(tx, invoice.account_id),
      toAmount(totals.subtotal),
      toAmount(totals.tax),
      toAmount(totals.total),
      now,
    ],
  );
  await announce(tx, invoice, "invoice.finalized", now);
  if (totals.total > 0n) return;
  await tx.run("UPDATE invoices SET status = 'paid' WHERE id = $1", [invoice.id]);
  await announce(tx, invoice, "invoice.paid", now);
}

async function fail(
  tx: Queryable,
  invoice: InvoiceRow,
  reason: NonNullable<InvoiceRow["failure_reason"]>,
  now: Date,
): Promise<void> {
  await tx.run("UPDATE invoices SET status = 'failed', failure_reason = $2, updated_at = $3 WHERE id = $1", [
    invoice.id,
    reason,
    now,
  ]);
  await announce(tx, invoice, "invoice.failed", now);
}

/** The counter's row stays locked until this transaction commits, so a number is never lost or given twice. */
async function nextNumber(tx: Queryable, accountId: string): Promise<number> {
  const counter = await one<{ last_number: number }>(
    tx,
    `INSERT INTO invoice_counters (account_id, last_number) VALUES ($1, 1)
     ON CONFLICT (account_id) DO UPDATE SET last_number = invoice_counters.last_number + 1
     RETURNING last_number`,
    [accountId],
  );
  return counter.last_number;
}

/** Publishes an event of the invoice as it is now. */
export async function announce(
  tx: Queryable,
  { id, account_id }: InvoiceRow,
  type: EventType,
  now: Date,
): Promise<void> {
  const data = invoiceBody(await readInvoice(tx, id));
  await publish(tx, account_id, { type, data, invoiceId: id }, now);
}

/** Tries again later and later, up to every minute. */
async function postpone(database: Database, invoiceId: string): Promise<void> {
  await database.run(
    `UPDATE finalization_jobs SET attempts = attempts + 1,
       due_at = $2::timestamptz + least(60, 0.1 * 2 ^ least(attempts, 20)) * interval '1 second'
     WHERE invoice_id = $1`,
    [invoiceId, new Date()],
  );
}
