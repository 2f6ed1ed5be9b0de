import type { Case, Tenant } from "../../case.ts";
import { walkConventions } from "../../walk/conventions.ts";
import { createPlan, GRADUATED, type NewPlan, PER_UNIT, type Plan, readPlans } from "./plan.ts";

/** One entry of `x-vectors` of quotePlan. */
interface QuoteVector {
  readonly id: string;
  readonly given: {
    readonly currency: NonNullable<NewPlan["currency"]>;
    readonly taxRateBasisPoints: number;
    readonly pricing: NewPlan["pricing"];
    readonly quantity: string;
  };
  readonly want: { readonly status?: number; readonly pointer?: string; readonly lines?: readonly unknown[] };
}

/** Every vector, the tax rate of now, the conventions. */
export async function quotes(c: Case): Promise<void> {
  const vectors = c.operation.vectors as readonly QuoteVector[];
  c.equal("vectors, at least 30", vectors.length >= 30, true);
  const rates = [...new Set(vectors.map(({ given }) => given.taxRateBasisPoints))];
  const tenants = new Map(
    await c.all(rates, async (rate) => [rate, await c.tenant({ taxRateBasisPoints: rate })] as const),
  );
  const plans = new Map<string, Promise<Plan>>();
  await c.all(vectors, ({ id, given, want }) =>
    c.part(id, async () => {
      const { currency, pricing, quantity, taxRateBasisPoints } = given;
      const tenant = tenants.get(taxRateBasisPoints) as Tenant;
      const same = JSON.stringify([taxRateBasisPoints, currency, pricing]);
      const known =
        plans.get(same) ??
        createPlan(tenant, { name: id, interval: "month", currency, pricing }).then(({ body }) => body);
      plans.set(same, known);
      const plan = await known;
      const call = { path: { planId: plan.id }, body: { quantity } };
      if (want.status !== undefined)
        return c.refused(tenant.api.send(want.status, "quotePlan", call), "validation-failed", {
          pointers: [want.pointer ?? ""],
        });
      const reply = await tenant.api.quotePlan(200, call);
      const asked = { planId: plan.id, currency, quantity: canonical(quantity), taxRateBasisPoints };
      c.equal(id, reply.body, { ...asked, ...want }, reply);
    }),
  );
  await c.part("the rate of now", async () => {
    const tenant = await c.tenant({ taxRateBasisPoints: 0 });
    const { body: plan } = await createPlan(tenant, { ...PER_UNIT, currency: "EUR" });
    const quote = () => tenant.api.quotePlan(200, { path: { planId: plan.id }, body: { quantity: "1" } });
    c.equal("/tax", (await quote()).body.tax, 0);
    await tenant.api.updateAccount(200, {
      path: { accountId: tenant.id },
      headers: { "If-Match": tenant.etag },
      body: { taxRateBasisPoints: 1000 },
    });
    c.body(await quote(), {
      planId: plan.id,
      currency: "EUR",
      quantity: "1",
      taxRateBasisPoints: 1000,
      lines: [{ quantity: "1", unitPrice: "99.9", amount: 9990, taxAmount: 999 }],
      subtotal: 9990,
      tax: 999,
      total: 10989,
    });
    c.equal("plans", await readPlans(tenant), [plan]);
  });
  const tenant = await c.tenant();
  const { body: plan } = await createPlan(tenant, GRADUATED);
  await walkConventions(c, {
    tenant,
    call: { path: { planId: plan.id }, body: { quantity: "2.75" } },
    read: () => readPlans(tenant),
  });
}

/** The decimal without trailing zeros behind the point. */
function canonical(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
