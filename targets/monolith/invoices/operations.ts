import { one } from "../db/one.ts";
import { newId } from "../domain/ids.ts";
import { type Period, periodAt } from "../domain/periods.ts";
import { created, found } from "../http/answers.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { conflict, invalidAt, notFound } from "../http/problem.ts";
import { findSubscription, planOf } from "../subscriptions/store.ts";
import { choice, filter, idOf } from "../validation/query.ts";
import { publish } from "../webhooks/events.ts";
import { addInvoiceLine } from "./add-line.ts";
import { finalizeInvoice } from "./finalize.ts";
import { invoiceBody, invoiceStatuses, newInvoice } from "./invoice.ts";
import { findInvoice, lockInvoice, readInvoice, selectInvoices } from "./store.ts";

const listInvoices = listOperation({
  id: "listInvoices",
  path: "/invoices",
  scope: "invoices:read",
  filters: { status: filter(choice(invoiceStatuses)), subscriptionId: filter(idOf("sub")) },
  source: ({ accountId, query }) => ({
    select: selectInvoices,
    where: [
      ["account_id =", accountId],
      ["status =", query.status],
      ["subscription_id =", query.subscriptionId],
    ],
    sort: "created_at",
    direction: "DESC",
  }),
  item: invoiceBody,
});

const draftInvoice = operation({
  id: "draftInvoice",
  method: "POST",
  path: "/invoices",
  scope: "invoices:write",
  body: "application/json",
  idempotent: true,
  async handle({ db, accountId, body, now }) {
    const input = readBody(newInvoice, body);
    const subscription = await findSubscription(db, accountId, input.subscriptionId);
    if (subscription === undefined)
      throw invalidAt("/subscriptionId", "is not a subscription of this account");
    const plan = await planOf(db, subscription);
    const period = periodAt(subscription.starts_at, plan.interval, input.periodStart ?? now);
    if (input.periodStart !== undefined) checkBoundary(input.periodStart, period);
    const { id } = await one<{ id: string }>(
      db,
      `INSERT INTO invoices (id, account_id, subscription_id, status, currency, tax_rate_basis_points, period_start,
         period_end, memo, created_at, updated_at)
       SELECT $1, a.id, $3, 'draft', $4, a.tax_rate_basis_points, $5, $6, $7, $8, $8
       FROM accounts a WHERE a.id = $2 RETURNING id`,
      [newId("inv"), accountId, subscription.id, plan.currency, period.start, period.end, input.memo, now],
    );
    return created(invoiceBody(await readInvoice(db, id)), "/invoices");
  },
});

/** @throws Problem 422 unless the instant is the start of that period and the period's end can be written */
function checkBoundary(instant: Date, { start }: Period): void {
  if (start.getTime() !== instant.getTime() || instant.getUTCFullYear() > 2998)
    throw invalidAt("/periodStart", "is not where a period of the subscription begins");
}

const getInvoice = operation({
  id: "getInvoice",
  method: "GET",
  path: "/invoices/{invoiceId}",
  scope: "invoices:read",
  async handle({ db, accountId, params }) {
    return found(invoiceBody(await findInvoice(db, accountId, params.invoiceId)));
  },
});

const voidInvoice = operation({
  id: "voidInvoice",
  method: "POST",
  path: "/invoices/{invoiceId}/void",
  scope: "invoices:write",
  async handle({ db, accountId, params, now, afterCommit, wake }) {
    const invoice = await lockInvoice(db, accountId, params.invoiceId);
    if (invoice === undefined) throw notFound();
    if (!["draft", "open", "failed"].includes(invoice.status))
      throw conflict(`The invoice is ${invoice.status}.`);
    if (invoice.amount_paid > 0) throw conflict("The invoice is paid in part.");
    await db.run(
      "UPDATE invoices SET status = 'void', failure_reason = NULL, updated_at = $2 WHERE id = $1",
      [invoice.id, now],
    );
    await db.run("UPDATE usage_events SET invoice_id = NULL WHERE invoice_id = $1", [invoice.id]);
    await db.run("DELETE FROM period_fees WHERE invoice_id = $1", [invoice.id]);
    const data = invoiceBody(await readInvoice(db, invoice.id));
    await publish(db, accountId, { type: "invoice.voided", data, invoiceId: invoice.id }, now);
    afterCommit(wake.delivery);
    return found(data);
  },
});

export const invoiceOperations: readonly Operation[] = [
  listInvoices,
  draftInvoice,
  getInvoice,
  addInvoiceLine,
  finalizeInvoice,
  voidInvoice,
];
