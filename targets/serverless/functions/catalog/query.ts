import { type Handler, listReply, serve } from "../../lib/http.ts";
import { AmountTooLarge, priceLine, totalsOf } from "../../lib/money.ts";
import { etagOf } from "../../lib/precondition.ts";
import { price } from "../../lib/pricing.ts";
import { invalidAt, notFound } from "../../lib/problem.ts";
import { decimal, object, validate } from "../../lib/schema.ts";
import { type Stored, tables } from "../../lib/table.ts";
import { loadAccount } from "../accounts/store.ts";
import { findPlan, type Plan } from "./store.ts";

const listPlans: Handler = (call) => {
  const { status } = call.query;
  const range = {
    table: tables.catalog,
    pk: call.accountId,
    prefix: "plan_",
    filters: { "doc.status": status },
  };
  return listReply<Stored<Plan>>(call, range, (plan) => plan.doc);
};

const getPlan: Handler = async (call) => {
  const plan = await findPlan(call.accountId, call.path("planId"));
  if (!plan) throw notFound("plan");
  return { status: 200, headers: { etag: etagOf(plan.version) }, body: plan.doc };
};

const quoteRequest = object({ quantity: decimal });

const quotePlan: Handler = async (call) => {
  const [plan, account] = await Promise.all([
    findPlan(call.accountId, call.path("planId")),
    loadAccount(call.accountId),
  ]);
  if (!plan) throw notFound("plan");
  const { quantity } = validate(quoteRequest, call.body);
  const { currency, pricing } = plan.doc;
  const { taxRateBasisPoints } = account.doc;
  try {
    const lines = price(pricing, quantity, currency).map((rate) =>
      priceLine(rate, currency, taxRateBasisPoints),
    );
    return {
      status: 200,
      body: { planId: plan.doc.id, currency, quantity, taxRateBasisPoints, lines, ...totalsOf(lines) },
    };
  } catch (error) {
    if (error instanceof AmountTooLarge) throw invalidAt("/quantity", "makes an amount above 2^53 - 1");
    throw error;
  }
};

export const handler = serve({ listPlans, getPlan, quotePlan });
