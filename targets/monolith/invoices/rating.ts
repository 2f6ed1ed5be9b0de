import { type PlanRow, pricingOf } from "../catalog/plan.ts";
import type { Queryable } from "../db/database.ts";
import { one } from "../db/one.ts";
import { fromNumeric } from "../domain/decimal.ts";
import { type Charge, charges, type PricedLine, priceLine } from "../domain/pricing.ts";
import { planOf } from "../subscriptions/store.ts";
import type { SubscriptionRow } from "../subscriptions/subscription.ts";
import type { InvoiceRow } from "./invoice.ts";

/** What an invoice bills beyond its manual lines. */
export interface Rated {
  readonly kind: "usage" | "recurring";
  readonly description: string;
  readonly lines: readonly PricedLine[];
}

/**
 * Rates the invoice's subscription and period, and claims what it bills. Roll back to a savepoint before this when
 * the lines are not used: claims must not outlive them.
 *
 * The subscription is locked, so that plan and quantity are of one moment and two invoices of one period cannot
 * claim the same things in different orders.
 */
export async function rate(tx: Queryable, invoice: InvoiceRow): Promise<Rated> {
  const subscription = await one<SubscriptionRow>(
    tx,
    "SELECT * FROM subscriptions WHERE id = $1 FOR NO KEY UPDATE",
    [invoice.subscription_id],
  );
  const plan = await planOf(tx, subscription);
  const due =
    plan.meter === null
      ? await recurringCharges(tx, invoice, subscription, plan)
      : await usageCharges(tx, invoice, plan, plan.meter);
  return {
    kind: plan.meter === null ? "recurring" : "usage",
    description: plan.name,
    lines: due.map((charge) => priceLine(charge, invoice.currency, invoice.tax_rate_basis_points)),
  };
}

async function usageCharges(
  tx: Queryable,
  invoice: InvoiceRow,
  plan: PlanRow,
  meter: string,
): Promise<Charge[]> {
  const { sum } = await one<{ sum: string }>(
    tx,
    `WITH claimed AS (
       UPDATE usage_events SET invoice_id = $1
       WHERE subscription_id = $2 AND meter = $3 AND occurred_at >= $4 AND occurred_at < $5
         AND invoice_id IS NULL AND voided_at IS NULL
       RETURNING quantity)
     SELECT coalesce(sum(quantity), 0) AS sum FROM claimed`,
    [invoice.id, invoice.subscription_id, meter, invoice.period_start, invoice.period_end],
  );
  return charges(pricingOf(plan), fromNumeric(sum), plan.currency);
}

async function recurringCharges(
  tx: Queryable,
  invoice: InvoiceRow,
  subscription: SubscriptionRow,
  plan: PlanRow,
): Promise<Charge[]> {
  const claimed = await tx.run(
    `INSERT INTO period_fees (subscription_id, period_start, invoice_id) VALUES ($1, $2, $3)
     ON CONFLICT (subscription_id, period_start) DO NOTHING`,
    [subscription.id, invoice.period_start, invoice.id],
  );
  return claimed === 0 ? [] : charges(pricingOf(plan), fromNumeric(subscription.quantity), plan.currency);
}
