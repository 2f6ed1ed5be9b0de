import type { Api, Case, Tenant } from "../../case.ts";
import {
  addLine,
  draft,
  finalize,
  lineOf,
  METERED,
  openInvoice,
  STARTED,
  settled,
  withKey,
} from "../../lib/billing.ts";
import { WORK } from "./invoice.ts";

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

/** One of the two wins; or both, one after the other, and then an open invoice was voided. */
export async function voidAndFinalize(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const rounds = await c.all(Array.from({ length: 4 }), () =>
    draft(c, api, subscriptionId, { periodStart: STARTED }),
  );
  for (const [round, { body }] of rounds.entries()) {
    const path = { invoiceId: body.id };
    await addLine(c, api, body.id, WORK);
    const finalizing = () => api.finalizeInvoice([202, 409], { path, headers: withKey(c) });
    const voiding = () => api.voidInvoice([200, 409], { path });
    const [finalized, voided] =
      round % 2 === 0
        ? await Promise.all([finalizing(), voiding()])
        : (await Promise.all([voiding(), finalizing()])).toReversed();
    const end = await settled(c, api, body.id);
    const outcome = [
      finalized?.status,
      voided?.status,
      end.body.status,
      end.body.number === undefined ? "" : "numbered",
    ];
    const lawful = ["202 409 open numbered", "409 200 void ", "202 200 void numbered"];
    c.equal(
      "finalize, void, and what became of it",
      lawful.includes(outcome.join(" ")) || outcome,
      true,
      end,
    );
  }
}

/** Of paying and voiding an open invoice one wins. */
export async function voidAndPay(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const rounds = await c.all([1, 2, 3], () => openInvoice(c, api, subscriptionId, "1"));
  for (const invoice of rounds) {
    const body = { invoiceId: invoice.id, amount: invoice.total, method: "tok_ok" } as const;
    const [paid, voided] = await Promise.all([
      api.createPayment([201, 409], { headers: withKey(c), body }),
      api.voidInvoice([200, 409], { path: { invoiceId: invoice.id } }),
    ]);
    const end = await api.getInvoice(200, { path: { invoiceId: invoice.id } });
    const outcome = `${paid.status} ${voided.status} ${end.body.status} ${end.body.amountPaid > 0}`;
    const lawful = ["201 409 paid true", "409 200 void false"];
    c.equal("pay, void, and what became of it", lawful.includes(outcome) || outcome, true, end);
  }
}
