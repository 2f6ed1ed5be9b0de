import { setTimeout as sleep } from "node:timers/promises";
import { advance, type InvoiceItem, touched } from "../functions/invoices/model.ts";
import type { EventItem, FenceItem } from "../functions/webhooks/model.ts";
import { commit, insert, read, tables } from "../lib/table.ts";

/** How long a started execution waits for the write it was started for. That write follows within milliseconds. */
const patienceMs = 5_000;
const firstPauseMs = 10;
const longestPauseMs = 500;

/**
 * Looks until there is an answer; once patience is at its end, `fence` sees to it that what is waited for can't come
 * any more, so that the next look finds an answer.
 */
async function awaited<T>(look: () => Promise<T | undefined>, fence: () => Promise<unknown>): Promise<T> {
  let pauseMs = firstPauseMs;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const found = await look();
    if (found !== undefined) return found;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    if (waitedMs >= patienceMs) await fence();
    else await sleep(pauseMs);
  }
}

/**
 * Waits until an invoice has left `revision`, by the write this execution was started for or by another. If nothing
 * comes, it takes the revision itself. Answers the invoice as it is then.
 */
export async function leftRevision(
  accountId: string,
  invoiceId: string,
  revision: number,
): Promise<InvoiceItem> {
  const load = async () => {
    const invoice = await read<InvoiceItem>(tables.invoices, { pk: accountId, sk: invoiceId });
    if (!invoice) throw new Error(`no invoice ${invoiceId}`);
    return invoice;
  };
  return awaited(
    async () => {
      const invoice = await load();
      return invoice.revision > revision ? invoice : undefined;
    },
    async () => {
      const invoice = await load();
      if (invoice.revision === revision) await commit([advance(invoice, touched(invoice))]);
    },
  );
}

/** Waits likewise for an event. Answers it, or undefined when it did not come and now never will. */
export async function arrivedEvent(accountId: string, eventId: string): Promise<EventItem | undefined> {
  const key = { pk: accountId, sk: eventId };
  const found = await awaited(
    () => read<EventItem | FenceItem>(tables.webhooks, key),
    () => commit([insert(tables.webhooks, { ...key, fenced: true })]),
  );
  return "fenced" in found ? undefined : found;
}
