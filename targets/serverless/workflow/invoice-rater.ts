import { findPlan } from "../functions/catalog/store.ts";
import {
  advance,
  type InvoiceItem,
  type Rated,
  type RatingBasis,
  touched,
} from "../functions/invoices/model.ts";
import { findSubscription } from "../functions/subscriptions/store.ts";
import type { UsageItem } from "../functions/usage/model.ts";
import { formatDecimal, parseDecimal } from "../lib/decimal.ts";
import { commit } from "../lib/table.ts";
import { claimableUsage, claimFee, claimUsage, releaseVoid, Superseded } from "./claims.ts";
import { leftRevision } from "./committed.ts";
import { rate } from "./rating.ts";
import type { ExecutionInput } from "./start.ts";

type Input = Extract<ExecutionInput, { kind: "finalize" | "void" }>;
export type RaterResult = { readonly outcome: "rated" | "abandoned" | "released" };

/**
 * First task of the workflow: rates the invoice of an execution, or (kind `void`) gives back its claims.
 * May be killed and repeated at any point; see `rateInvoice`.
 */
export async function handler({ kind, accountId, group, revision, execution }: Input): Promise<RaterResult> {
  const invoice = await leftRevision(accountId, group, revision);
  if (kind === "void") {
    await releaseVoid(invoice);
    return { outcome: "released" };
  }
  if (invoice.doc.status !== "finalizing" || invoice.execution !== execution) return { outcome: "abandoned" };
  if (!invoice.rated) await rateInvoice(invoice);
  return { outcome: "rated" };
}

/**
 * Writes what the invoice is rated to, once. Whoever rates takes the invoice's next revision first, which shuts out
 * a run before it that may be alive still; the basis of the first run is kept, so that all claim by the same meter.
 */
async function rateInvoice(found: InvoiceItem): Promise<void> {
  const basis = found.basis ?? (await readBasis(found));
  const mine = touched(found, { basis, mayClaim: true });
  if (await commit([advance(found, mine)])) throw new Superseded(found);
  const rated =
    basis.meter === undefined ? await rateFee(mine, basis) : await rateUsage(mine, basis, basis.meter);
  if (await commit([advance(mine, touched(mine, { rated }))])) throw new Superseded(mine);
}

async function readBasis({ pk, doc }: InvoiceItem): Promise<RatingBasis> {
  const subscription = await findSubscription(pk, doc.subscriptionId);
  const plan = subscription && (await findPlan(pk, subscription.doc.planId));
  if (!plan) throw new Error(`invoice ${doc.id} has no subscription or plan`);
  const { name, pricing, meter } = plan.doc;
  return {
    planName: name,
    pricing,
    ...(meter === undefined ? {} : { meter }),
    quantity: subscription.doc.quantity,
  };
}

async function rateUsage(invoice: InvoiceItem, basis: RatingBasis, meter: string): Promise<Rated> {
  const candidates = await claimableUsage(invoice, meter);
  const expected = rate(invoice.doc, basis, sumOf(candidates), Date.now());
  if (isEmpty(expected)) return expected; // claims nothing
  const claimed = await claimUsage(invoice, candidates);
  return claimed.length === candidates.length
    ? expected
    : rate(invoice.doc, basis, sumOf(claimed), Date.now());
}

async function rateFee(invoice: InvoiceItem, basis: RatingBasis): Promise<Rated> {
  const expected = rate(invoice.doc, basis, basis.quantity, Date.now());
  return isEmpty(expected) || (await claimFee(invoice)) ? expected : { lines: [] };
}

const isEmpty = (rated: Rated): boolean => "failure" in rated || rated.lines.length === 0;

const sumOf = (events: readonly UsageItem[]): string =>
  formatDecimal(events.reduce((sum, { doc }) => sum + parseDecimal(doc.quantity), 0n));
