import type { Tenant } from "../../case.ts";

export const FLAT = { name: "Team", interval: "month", pricing: { model: "flat", amount: 4900 } } as const;
export const PER_UNIT = {
  name: "Seats",
  description: "Billed yearly.",
  currency: "USD",
  interval: "year",
  meter: "seats",
  pricing: { model: "per_unit", unitPrice: "99.90" },
} as const;
export const GRADUATED = {
  name: "API",
  description: "Pay for what you call.",
  currency: "KWD",
  interval: "month",
  meter: "api_calls",
  pricing: { model: "graduated", tiers: [{ upTo: "1000.50", unitPrice: "0.0" }, { unitPrice: "0.002" }] },
} as const;
export const BODIES = [FLAT, PER_UNIT, GRADUATED];

export type Plan = Awaited<ReturnType<typeof createPlan>>["body"];
export type NewPlan = Parameters<Tenant["api"]["createPlan"]>[1]["body"];

export function createPlan({ api }: Tenant, body: NewPlan) {
  return api.createPlan(201, { body });
}

/** Every plan of the account, as its list shows them. */
export async function readPlans({ api }: Tenant): Promise<unknown> {
  return (await api.listPlans(200, { query: { limit: 100 } })).body.items;
}

export async function readPlan({ api }: Tenant, planId: string): Promise<unknown> {
  const reply = await api.getPlan(200, { path: { planId } });
  return { etag: reply.headers.etag, body: reply.body };
}
