import { isDeepStrictEqual } from "node:util";
import type { AccountRow } from "../accounts/account.ts";
import type { Queryable } from "../db/database.ts";
import { one } from "../db/one.ts";
import { formatDecimal } from "../domain/decimal.ts";
import { newId } from "../domain/ids.ts";
import { toAmount } from "../domain/money.ts";
import { charges, fits, priceLine, pricingBody, totalsOf } from "../domain/pricing.ts";
import { created, found } from "../http/answers.ts";
import { requireMatch } from "../http/etag.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { applyPatch } from "../http/patch.ts";
import { conflict, invalidAt, notFound } from "../http/problem.ts";
import { choice, filter } from "../validation/query.ts";
import {
  newPlan,
  type PlanRow,
  patchablePlan,
  patchedPlan,
  planBody,
  planPatch,
  planStatuses,
  pricingOf,
  quoteRequest,
} from "./plan.ts";

const listPlans = listOperation({
  id: "listPlans",
  path: "/plans",
  scope: "catalog:read",
  filters: { status: filter(choice(planStatuses)) },
  source: ({ accountId, query }) => ({
    select: "SELECT * FROM plans",
    where: [
      ["account_id =", accountId],
      ["status =", query.status],
    ],
    sort: "created_at",
    direction: "ASC",
  }),
  item: planBody,
});

const createPlan = operation({
  id: "createPlan",
  method: "POST",
  path: "/plans",
  scope: "catalog:write",
  body: "application/json",
  async handle({ db, accountId, body, now }) {
    const input = readBody(newPlan, body);
    const row = await one<PlanRow>(
      db,
      `INSERT INTO plans (id, account_id, name, description, currency, interval, meter, pricing, status, created_at, updated_at)
       SELECT $1, a.id, $3, $4, coalesce($5, a.currency), $6, $7, $8, 'active', $9, $9
       FROM accounts a WHERE a.id = $2 RETURNING *`,
      [
        newId("plan"),
        accountId,
        input.name,
        input.description,
        input.currency,
        input.interval,
        input.meter,
        pricingBody(input.pricing),
        now,
      ],
    );
    return created(planBody(row), "/plans");
  },
});

const getPlan = operation({
  id: "getPlan",
  method: "GET",
  path: "/plans/{planId}",
  scope: "catalog:read",
  async handle({ db, accountId, params }) {
    return found(planBody(await findPlan(db, accountId, params.planId)));
  },
});

const updatePlan = operation({
  id: "updatePlan",
  method: "PATCH",
  path: "/plans/{planId}",
  scope: "catalog:write",
  body: "application/merge-patch+json",
  async handle({ db, accountId, params, body, ifMatch, now }) {
    const row = await findPlan(db, accountId, params.planId, "FOR NO KEY UPDATE");
    const input = applyPatch(planPatch, patchedPlan(row.meter), patchablePlan(row), body);
    requireMatch(ifMatch, planBody(row));
    if (row.status === "archived") throw conflict("An archived plan takes no update.");
    const next: PlanRow = {
      ...row,
      name: input.name,
      description: input.description ?? null,
      pricing: pricingBody(input.pricing),
    };
    if (isDeepStrictEqual(planBody(next), planBody(row))) return found(planBody(row));
    next.updated_at = now;
    await db.run(
      "UPDATE plans SET name = $2, description = $3, pricing = $4, updated_at = $5 WHERE id = $1",
      [row.id, next.name, next.description, next.pricing, now],
    );
    return found(planBody(next));
  },
});

const archivePlan = operation({
  id: "archivePlan",
  method: "POST",
  path: "/plans/{planId}/archive",
  scope: "catalog:write",
  async handle({ db, accountId, params, now }) {
    const row = await findPlan(db, accountId, params.planId, "FOR NO KEY UPDATE");
    if (row.status === "archived") throw conflict("The plan is archived already.");
    await db.run("UPDATE plans SET status = 'archived', updated_at = $2 WHERE id = $1", [row.id, now]);
    return found(planBody({ ...row, status: "archived", updated_at: now }));
  },
});

const quotePlan = operation({
  id: "quotePlan",
  method: "POST",
  path: "/plans/{planId}/quote",
  scope: "catalog:read",
  body: "application/json",
  async handle({ db, accountId, params, body }) {
    const plan = await findPlan(db, accountId, params.planId);
    const { quantity } = readBody(quoteRequest, body);
    const { tax_rate_basis_points: rate } = await one<AccountRow>(
      db,
      "SELECT * FROM accounts WHERE id = $1",
      [accountId],
    );
    const lines = charges(pricingOf(plan), quantity, plan.currency).map((charge) =>
      priceLine(charge, plan.currency, rate),
    );
    const totals = totalsOf(lines);
    if (!fits(totals)) throw invalidAt("/quantity", "makes an amount above 9007199254740991");
    return {
      status: 200,
      body: {
        planId: plan.id,
        currency: plan.currency,
        quantity: formatDecimal(quantity),
        taxRateBasisPoints: rate,
        lines: lines.map((line) => ({
          quantity: formatDecimal(line.quantity),
          unitPrice: formatDecimal(line.unitPrice),
          amount: toAmount(line.amount),
          taxAmount: toAmount(line.taxAmount),
        })),
        subtotal: toAmount(totals.subtotal),
        tax: toAmount(totals.tax),
        total: toAmount(totals.total),
      },
    };
  },
});

async function findPlan(
  db: Queryable,
  accountId: string,
  planId: string | undefined,
  lock: "" | "FOR NO KEY UPDATE" = "",
): Promise<PlanRow> {
  const row = await db.row<PlanRow>(`SELECT * FROM plans WHERE account_id = $1 AND id = $2 ${lock}`, [
    accountId,
    planId,
  ]);
  if (row === undefined) throw notFound();
  return row;
}

export const catalogOperations: readonly Operation[] = [
  listPlans,
  createPlan,
  getPlan,
  updatePlan,
  archivePlan,
  quotePlan,
];
