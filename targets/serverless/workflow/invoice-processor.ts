import {
  advance,
  changed,
  type InvoiceItem,
  type NumberItem,
  numberKey,
  type Rated,
  touched,
} from "../functions/invoices/model.ts";
import { commit, read, tables, untilUncontended, type Write } from "../lib/table.ts";
import { formatTime } from "../lib/time.ts";
import { releaseClaims } from "./claims.ts";
import { type Happening, listenersOf, stage } from "./outbox.ts";
import { type Outcome, outcomeOf } from "./rating.ts";
import type { ExecutionInput } from "./start.ts";

type Input = Extract<ExecutionInput, { kind: "finalize" | "void" }> & {
  /** Set when a task before has failed for good: the invoice is given up. */
  readonly error?: unknown;
};
export type ProcessorResult = { readonly notify: boolean };

/** An invoice that can't be rated ends as one of which nothing was billed, and can be finalized again. */
const givenUp: Rated = { failure: "nothing_to_bill" };

/**
 * Second task of the workflow: takes a rated invoice out of `finalizing`. The number, the invoice and its events are
 * one transaction, so that it happens once however often this runs. Answers whether there is something to deliver.
 */
export async function handler({ accountId, group, execution, error }: Input): Promise<ProcessorResult> {
  return untilUncontended(async () => {
    const found = await read<InvoiceItem>(tables.invoices, { pk: accountId, sk: group });
    if (!found) throw new Error(`no invoice ${group}`);
    if (found.doc.status !== "finalizing" || found.execution !== execution) return { notify: true }; // done before
    const invoice = error === undefined ? found : await giveUp(found);
    return invoice && settle(invoice);
  });
}

/** Ends the rating; a rater that is alive still can claim nothing more. Undefined: try again. */
async function giveUp(found: InvoiceItem): Promise<InvoiceItem | undefined> {
  const after = touched(found, { rated: givenUp });
  return (await commit([advance(found, after)])) ? undefined : after;
}

async function settle(invoice: InvoiceItem): Promise<ProcessorResult | undefined> {
  if (!invoice.rated) throw new Error(`invoice ${invoice.sk} is not rated`);
  const outcome = outcomeOf(invoice.doc, invoice.rated);
  const holds = outcome.kind === "billed" && "lines" in invoice.rated && invoice.rated.lines.length > 0;
  if (invoice.mayClaim && !holds) await releaseClaims(invoice);
  return outcome.kind === "billed" ? open(invoice, outcome, holds) : fail(invoice, outcome.failureReason);
}

async function open(
  invoice: InvoiceItem,
  { changes }: Extract<Outcome, { kind: "billed" }>,
  mayClaim: boolean,
): Promise<ProcessorResult | undefined> {
  const [listeners, counter] = await Promise.all([
    listenersOf(invoice.pk, ["invoice.finalized", "invoice.paid"]),
    read<NumberItem>(tables.invoices, numberKey(invoice.pk)),
  ]);
  const now = Date.now();
  const number = (counter?.last ?? 0) + 1;
  const finalizedAt = formatTime(now);
  const opened = changed(invoice, { ...changes, status: "open", number, finalizedAt }, now, {
    mayClaim,
    basis: undefined,
    rated: undefined,
  });
  const events: Happening[] = [{ type: "invoice.finalized", resourceId: invoice.sk, data: opened.doc }];
  let after = opened;
  if (opened.doc.amountDue === 0) {
    after = { ...opened, doc: { ...opened.doc, status: "paid" } };
    events.push({ type: "invoice.paid", resourceId: invoice.sk, data: after.doc });
  }
  const place = { accountId: invoice.pk, group: invoice.sk, sequence: after.revision, at: now };
  const staged = stage(listeners, { ...place, events });
  const refused = await commit([advance(invoice, after), takeNumber(invoice.pk, number), ...staged.writes]);
  return refused ? undefined : { notify: staged.notifies };
}

/** Advances the account's last number; refused when another invoice has taken it. */
const takeNumber = (accountId: string, number: number): Write => ({
  Put: {
    TableName: tables.invoices,
    Item: { ...numberKey(accountId), last: number },
    ...(number === 1
      ? { ConditionExpression: "attribute_not_exists(pk)" }
      : { ConditionExpression: "#last = :before", ExpressionAttributeNames: { "#last": "last" } }),
    ...(number > 1 && { ExpressionAttributeValues: { ":before": number - 1 } }),
  },
});

async function fail(
  invoice: InvoiceItem,
  failureReason: NonNullable<InvoiceItem["doc"]["failureReason"]>,
): Promise<ProcessorResult | undefined> {
  const now = Date.now();
  const internals = { mayClaim: false, basis: undefined, rated: undefined };
  const after = changed(invoice, { status: "failed", failureReason }, now, internals);
  const listeners = await listenersOf(invoice.pk, ["invoice.failed"]);
  const staged = stage(listeners, {
    accountId: invoice.pk,
    group: invoice.sk,
    sequence: after.revision,
    at: now,
    events: [{ type: "invoice.failed", resourceId: invoice.sk, data: after.doc }],
  });
  return (await commit([advance(invoice, after), ...staged.writes]))
    ? undefined
    : { notify: staged.notifies };
}
