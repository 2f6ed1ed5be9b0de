import type { Case, Tenant } from "../../case.ts";
import { draft, finalize, lineOf, METERED, STARTED } from "../../lib/billing.ts";

/** A void invoice lets go of its usage, which can be voided or billed again. */
export async function freeUsage(c: Case, { api }: Tenant, subscriptionId: string): Promise<void> {
  const use = async (eventId: string, quantity: string) => {
    const body = { eventId, subscriptionId, meter: "api_calls", quantity, occurredAt: STARTED };
    return (await api.recordUsage(201, { body })).body;
  };
  const events = [await use("kept", "100"), await use("dropped", "1000")];
  const bill = async () => {
    const { body } = await draft(c, api, subscriptionId, { periodStart: STARTED });
    return (await finalize(c, api, body.id)).body;
  };
  const first = await bill();
  c.equal("/total", first.total, 550 + 104);
  const [kept, dropped] = events.map(({ id }) => ({ usageEventId: id }));
  if (kept === undefined || dropped === undefined) return;
  await c.refused(api.voidUsageEvent(409, { path: dropped }), "conflict", {});
  await api.voidInvoice(200, { path: { invoiceId: first.id } });
  c.body(await api.getUsageEvent(200, { path: kept }), events[0]);
  c.equal("usage", (await api.listUsageEvents(200, { query: { subscriptionId } })).body.items.length, 2);
  await api.voidUsageEvent(204, { path: dropped });
  const second = await bill();
  c.equal("/lines", second.lines, [
    lineOf("usage", { description: METERED.name, quantity: "100", unitPrice: "0.005" }, first),
  ]);
  c.equal("/number", second.number, (first.number ?? 0) + 1);
  c.body(await api.getUsageEvent(200, { path: kept }), { ...events[0], invoiceId: second.id });
}
