import type { LooseCall } from "../../../../openapi/client/index.ts";
import type { Api, Case } from "../../case.ts";
import { FLAT, STARTED, type Subscription, withKey } from "../../lib/billing.ts";
import { walkIdempotency } from "../../walk/idempotency.ts";
import { cancel, createPlan } from "./shared.ts";

/** Good quantities and starts, and how they are shown. */
export const ACCEPTED: readonly (readonly [given: Partial<Subscription>, shown: Partial<Subscription>])[] = [
  [
    { quantity: "5.50", startsAt: "2026-01-31T10:30:00+01:00" },
    { quantity: "5.5", startsAt: STARTED },
  ],
  [{ quantity: "0", startsAt: "1970-01-01T00:00:00Z" }, { startsAt: "1970-01-01T00:00:00.000Z" }],
  [{ quantity: "0.000001", startsAt: "2998-12-31T23:59:59.999Z" }, {}],
  [
    { quantity: "999999999999999999.999999", startsAt: "2999-01-01T00:29:59.9+00:30" },
    { startsAt: "2998-12-31T23:59:59.900Z" },
  ],
  [
    { quantity: "10.10", startsAt: "1969-12-31T23:30:00.05-00:30" },
    { quantity: "10.1", startsAt: "1970-01-01T00:00:00.050Z" },
  ],
  [
    { quantity: "3.000", startsAt: "2028-02-29T23:59:59.12Z" },
    { quantity: "3", startsAt: "2028-02-29T23:59:59.120Z" },
  ],
  [{ quantity: "100", startsAt: "2000-02-29T12:00:00-23:59" }, { startsAt: "2000-03-01T11:59:00.000Z" }],
];
export const BAD_QUANTITIES = [
  ...[" 1", "1 ", "-1", "+1", "01", "1.", ".5", "1e3", "1,5", "", "1.0000001", "1000000000000000000", "١"],
  1,
];
export const BAD_TIMES = [
  ...["2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z"],
  ...["2026-01-01T00:00:60Z", "2026-01-01t00:00:00Z", "2026-01-01T00:00:00z", "2026-01-01 00:00:00Z"],
  ...["2026-01-01T00:00:00", "2026-01-01T00:00:00.1234Z", "2026-01-01T00:00:00+24:00", "2026-01-01"],
  ...[" 2026-01-01T00:00:00Z", "1970-01-01T00:59:59.999+01:00"],
];

/** One subscription for each key, whatever becomes of it. */
export async function idempotency(c: Case, api: Api): Promise<void> {
  const stranger = await c.tenant();
  const [own, foreign] = await c.all([api, stranger.api], (one) => createPlan(one, FLAT));
  const planId = own?.id ?? "";
  const changed = (call: LooseCall, member: object) => ({
    ...call,
    body: { ...(call.body as object), ...member },
  });
  await walkIdempotency(c, {
    api,
    fresh: async () => ({ body: { planId, quantity: "1", startsAt: STARTED } }),
    other: (call) => changed(call, { quantity: "1.0" }),
    invalid: (call) => changed(call, { quantity: "-1" }),
    effects: async () =>
      (await api.listSubscriptions(200, { query: { planId, limit: 100 } })).body.items.length,
    stranger: { api: stranger.api, fresh: async () => ({ body: { planId: foreign?.id } }) },
  });
  await c.part("a kept answer outlives what it tells of", async () => {
    const plan = await createPlan(api, FLAT);
    const headers = withKey(c);
    const body = { planId: plan.id };
    const first = await api.createSubscription(201, { headers, body });
    await cancel(api, first.body.id, "now");
    await api.archivePlan(200, { path: body });
    const again = await api.createSubscription(201, { headers, body });
    c.equal("replayed body", again.body, first.body, again);
    c.header(again, "etag", first.headers.etag);
    c.header(again, "location", first.headers.location);
    c.header(again, "idempotency-replayed", "true");
    await c.refused(api.createSubscription(409, { headers: withKey(c), body }), "conflict", {});
    // Another operation has keys of its own.
    const drafted = await api.draftInvoice(201, { headers, body: { subscriptionId: first.body.id } });
    c.header(drafted, "idempotency-replayed", undefined);
  });
}
