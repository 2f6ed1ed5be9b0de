import { isDeepStrictEqual } from "node:util";
import { type Handler, serve } from "../../lib/http.ts";
import { newId } from "../../lib/ids.ts";
import { applyPatch } from "../../lib/merge-patch.ts";
import { etagOf, requireMatch } from "../../lib/precondition.ts";
import { conflict, notFound } from "../../lib/problem.ts";
import { validate } from "../../lib/schema.ts";
import { commit, insert, replace, type Stored, tables, untilUncontended } from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { loadAccount } from "../accounts/store.ts";
import { findPlan, newPlan, type Plan, planPatch } from "./store.ts";

const createPlan: Handler = async (call) => {
  const wanted = validate(newPlan, call.body);
  const createdAt = formatTime(call.now);
  const plan: Plan = {
    id: newId("plan", call.now),
    ...wanted,
    currency: wanted.currency ?? (await loadAccount(call.accountId)).doc.currency,
    status: "active",
    createdAt,
    updatedAt: createdAt,
  };
  const item = { pk: call.accountId, sk: plan.id, version: 1, doc: plan };
  if (await commit([insert(tables.catalog, item)])) throw new Error("a new random id is taken");
  return { status: 201, headers: { etag: etagOf(1), location: `/plans/${plan.id}` }, body: plan };
};

const answer = (version: number, plan: Plan) => ({
  status: 200,
  headers: { etag: etagOf(version) },
  body: plan,
});

async function loadPlan(accountId: string, planId: string): Promise<Stored<Plan>> {
  const plan = await findPlan(accountId, planId);
  if (!plan) throw notFound("plan");
  return plan;
}

const updatePlan: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadPlan(call.accountId, call.path("planId"));
    const { name, description, pricing, ...rest } = stored.doc;
    const current = { name, pricing, ...(description !== undefined && { description }) };
    const patched = applyPatch(planPatch(rest.meter), current, call.body);
    requireMatch(call.ifMatch, stored.version);
    if (rest.status === "archived") throw conflict("The plan is archived.");
    if (isDeepStrictEqual(current, patched)) return answer(stored.version, stored.doc);
    const plan: Plan = { ...rest, ...patched, updatedAt: formatTime(call.now) };
    return (await commit([replace(tables.catalog, stored, plan)]))
      ? undefined
      : answer(stored.version + 1, plan);
  });

const archivePlan: Handler = (call) =>
  untilUncontended(async () => {
    const stored = await loadPlan(call.accountId, call.path("planId"));
    if (stored.doc.status === "archived") throw conflict("The plan is archived.");
    const plan: Plan = { ...stored.doc, status: "archived", updatedAt: formatTime(call.now) };
    return (await commit([replace(tables.catalog, stored, plan)]))
      ? undefined
      : answer(stored.version + 1, plan);
  });

export const handler = serve({ createPlan, updatePlan, archivePlan });
