import { advance, type InvoiceItem, touched, untouched } from "../functions/invoices/model.ts";
import type { UsageItem } from "../functions/usage/model.ts";
import { commit, type Key, read, scanRange, tables, type Write } from "../lib/table.ts";

/** A transaction has room for 100 writes, one of which holds it to the invoice. */
const pageSize = 99;

/** Thrown when the invoice is no longer at the revision this task works under: another run has taken over. */
export class Superseded extends Error {
  override readonly name = "Superseded";
  constructor(invoice: InvoiceItem) {
    super(`invoice ${invoice.sk} has left revision ${invoice.revision}`);
  }
}

/**
 * Commits writes only while the invoice is as it was read, so that a run that was replaced can change no claim behind
 * the back of the one that replaced it. Answers which of the writes were refused, or undefined.
 * @throws Superseded
 */
async function commitUnder(
  invoice: InvoiceItem,
  writes: readonly Write[],
): Promise<readonly boolean[] | undefined> {
  const refused = await commit([untouched(invoice), ...writes]);
  if (refused?.[0]) throw new Superseded(invoice);
  return refused?.slice(1);
}

/** The claim to a period's fee: one invoice holds it at a time. */
interface FeeItem extends Key {
  readonly invoiceId: string;
}

const usageRange = ({ pk, doc }: InvoiceItem, filters: Readonly<Record<string, string>>) => ({
  table: tables.usage,
  pk,
  index: { name: "bySubscription", key: "s" },
  from: `${doc.subscriptionId}#${doc.periodStart}`, // keys go on with "#id", so that `to` is excluded
  to: `${doc.subscriptionId}#${doc.periodEnd}`,
  filters,
});

/** Events of the invoice's period that it has claimed or could. */
export async function claimableUsage(invoice: InvoiceItem, meter: string): Promise<readonly UsageItem[]> {
  const events = await scanRange<UsageItem>(usageRange(invoice, { "doc.meter": meter }));
  return events.filter(({ doc }) => doc.invoiceId === undefined || doc.invoiceId === invoice.sk);
}

/**
 * Claims events page by page and answers those the invoice has now; what was voided or claimed by another
 * invoice meanwhile is left out.
 * @throws Superseded
 */
export async function claimUsage(
  invoice: InvoiceItem,
  events: readonly UsageItem[],
): Promise<readonly UsageItem[]> {
  const claimed = events.filter(({ doc }) => doc.invoiceId === invoice.sk);
  let left = events.filter(({ doc }) => doc.invoiceId === undefined);
  while (left.length > 0) {
    const page = left.slice(0, pageSize);
    const refused = await commitUnder(
      invoice,
      page.map((event) => claim(event, invoice.sk)),
    );
    if (!refused) claimed.push(...page);
    left = left.filter((_, i) => (refused ? !refused[i] : i >= page.length));
  }
  return claimed;
}

const claim = ({ pk, sk }: UsageItem, invoiceId: string): Write => ({
  Update: {
    TableName: tables.usage,
    Key: { pk, sk },
    UpdateExpression: "SET doc.invoiceId = :invoice",
    ConditionExpression:
      "attribute_exists(s) AND (attribute_not_exists(doc.invoiceId) OR doc.invoiceId = :invoice)",
    ExpressionAttributeValues: { ":invoice": invoiceId },
  },
});

const feeKey = ({ pk, doc }: InvoiceItem): Key => ({
  pk,
  sk: `fee#${doc.subscriptionId}#${doc.periodStart}`,
});

/** Claims the fee of the invoice's period; false when another invoice has it. @throws Superseded */
export async function claimFee(invoice: InvoiceItem): Promise<boolean> {
  const item: FeeItem = { ...feeKey(invoice), invoiceId: invoice.sk };
  const refused = await commitUnder(invoice, [
    {
      Put: {
        TableName: tables.invoices,
        Item: item,
        ConditionExpression: "attribute_not_exists(pk) OR invoiceId = :invoice",
        ExpressionAttributeValues: { ":invoice": invoice.sk },
      },
    },
  ]);
  return refused === undefined;
}

/**
 * Gives back all that an invoice has claimed. Harmless when repeated or done by two at once.
 * @throws Superseded
 */
export async function releaseClaims(invoice: InvoiceItem): Promise<void> {
  const fee = await read<FeeItem>(tables.invoices, feeKey(invoice));
  const events = await scanRange<UsageItem>(usageRange(invoice, { "doc.invoiceId": invoice.sk }));
  const releases = events.map((event) => release(event, invoice.sk));
  if (fee?.invoiceId === invoice.sk) releases.push(releaseFee(invoice));
  for (let i = 0; i < releases.length; i += pageSize) {
    const refused = await commitUnder(invoice, releases.slice(i, i + pageSize));
    if (refused) return releaseClaims(invoice); // another run is at it: look again
  }
}

/** Gives back what a void invoice has claimed, if that is still to be done. Two may do it at once. */
export async function releaseVoid(invoice: InvoiceItem): Promise<void> {
  if (invoice.doc.status !== "void" || !invoice.mayClaim) return;
  try {
    await releaseClaims(invoice);
    await commit([advance(invoice, touched(invoice, { mayClaim: false }))]);
  } catch (error) {
    if (!(error instanceof Superseded)) throw error; // nothing but the end of a release moves a void invoice
  }
}

const release = ({ pk, sk }: UsageItem, invoiceId: string): Write => ({
  Update: {
    TableName: tables.usage,
    Key: { pk, sk },
    UpdateExpression: "REMOVE doc.invoiceId",
    ConditionExpression: "doc.invoiceId = :invoice",
    ExpressionAttributeValues: { ":invoice": invoiceId },
  },
});

const releaseFee = (invoice: InvoiceItem): Write => ({
  Delete: {
    TableName: tables.invoices,
    Key: feeKey(invoice),
    ConditionExpression: "invoiceId = :invoice",
    ExpressionAttributeValues: { ":invoice": invoice.sk },
  },
});
