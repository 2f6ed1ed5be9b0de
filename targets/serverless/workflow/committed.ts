import { setTimeout as sleep } from "node:timers/promises";
import { advance, type InvoiceItem, touched } from "../functions/invoices/model.ts";
import type { EventItem, FenceItem } from "../functions/webhooks/model.ts";
import { commit, insert, read, tables } from "../lib/table.ts";

/** How long a started execution waits for the write it was started for. That write follows within milliseconds. */
const patienceMs = 5_000;
const pollMs = 20;

/**
 * Waits until an invoice has left `revision`, by the write this execution was started for or by another. If nothing
 * comes, it takes the revision itself, so that the write can't come any more. Answers the invoice as it is then.
 */
export async function leftRevision(
  accountId: string,
  invoiceId: string,
  revision: number,
): Promise<InvoiceItem> {
  for (let waited = 0; ; waited += pollMs) {
    const invoice = await read<InvoiceItem>(tables.invoices, { pk: accountId, sk: invoiceId });
    if (!invoice) throw new Error(`no invoice ${invoiceId}`);
    if (invoice.revision > revision) return invoice;
    if (waited >= patienceMs) await commit([advance(invoice, touched(invoice))]);
    else await sleep(pollMs);
  }
}

/** Waits likewise for an event. Answers it, or undefined when it did not come and now never will. */
export async function arrivedEvent(accountId: string, eventId: string): Promise<EventItem | undefined> {
  const key = { pk: accountId, sk: eventId };
  for (let waited = 0; ; waited += pollMs) {
    const found = await read<EventItem | FenceItem>(tables.webhooks, key);
    if (found) return "fenced" in found ? undefined : found;
    if (waited >= patienceMs) await commit([insert(tables.webhooks, { ...key, fenced: true })]);
    else await sleep(pollMs);
  }
}
