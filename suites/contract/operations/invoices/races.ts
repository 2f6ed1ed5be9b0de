import type { Api, Case } from "../../case.ts";
import {
  addLine,
  draft,
  due,
  finalize,
  type Invoice,
  lineOf,
  METERED,
  openInvoice,
  STARTED,
  settled,
  subscribe,
  withKey,
} from "../../lib/billing.ts";
import { lineTo, type Priced, WORK } from "./invoice.ts";

/** Two drafts of the first period, finalized at once. */
async function bothAtOnce(c: Case, api: Api, subscriptionId: string): Promise<readonly Invoice[]> {
  const drafts = await c.all([1, 2], () => draft(c, api, subscriptionId, { periodStart: STARTED }));
  return (await c.all(drafts, ({ body }) => finalize(c, api, body.id))).map(({ body }) => body);
}

/** A period's fee and a usage event are billed by one of two invoices; the other has nothing to bill. */
export async function billedOnce(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const { subscription: flat } = await subscribe(c, api);
  const { subscription: used } = await subscribe(c, api, METERED);
  const use = async (eventId: string, quantity: string) => {
    const body = { eventId, subscriptionId: used.id, meter: "api_calls", quantity, occurredAt: STARTED };
    return (await api.recordUsage(201, { body })).body.id;
  };
  await c.part("the fee of two invoices at once", async () => {
    const both = await bothAtOnce(c, api, flat.id);
    c.equal(
      "totals",
      both.map(({ total }) => total).sort((a, b) => a - b),
      [0, 5831],
    );
    c.equal("statuses", both.map(({ status }) => status).sort(), ["failed", "open"]);
  });
  await c.part("the usage of two invoices at once", async () => {
    const events = [await use("a", "100"), await use("b", "1000")];
    const both = await bothAtOnce(c, api, used.id);
    await holdClaims(c, api, events, both);
    c.equal(
      "/subtotal of both",
      both.reduce((sum, { subtotal }) => sum + subtotal, 0),
      550,
    );
  });
  await c.part("usage that comes while it is rated", async () => {
    const { body } = await draft(c, api, used.id, { periodStart: STARTED });
    await addLine(c, api, body.id, WORK);
    const [done, ...events] = await Promise.all([
      finalize(c, api, body.id),
      ...["c", "d", "e", "f"].map((eventId) => use(eventId, "200")),
    ]);
    await holdClaims(c, api, events, [done.body]);
  });
}

/** The usage line of each invoice is the sum of the events that name it. */
async function holdClaims(
  c: Case,
  api: Api,
  ids: readonly string[],
  invoices: readonly Invoice[],
): Promise<void> {
  const events = await c.all(
    ids,
    async (usageEventId) => (await api.getUsageEvent(200, { path: { usageEventId } })).body,
  );
  for (const invoice of invoices) {
    const claimed = events.filter(({ invoiceId }) => invoiceId === invoice.id);
    const quantity = claimed.reduce((sum, event) => sum + Number(event.quantity), 0);
    const line = lineOf(
      "usage",
      { description: METERED.name, quantity: `${quantity}`, unitPrice: "0.005" },
      invoice,
    );
    const lines = invoice.lines.filter(({ kind }) => kind === "usage");
    c.equal("usage lines, and the events that name the invoice", lines, quantity === 0 ? [] : [line]);
  }
}

/** Of two finalizations with different keys one starts the workflow. */
export async function finalizedOnce(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const invoice = (await draft(c, api, subscriptionId)).body;
  await addLine(c, api, invoice.id, WORK);
  const path = { invoiceId: invoice.id };
  const replies = await Promise.all(
    [1, 2, 3].map(() => api.finalizeInvoice([202, 409], { path, headers: withKey(c) })),
  );
  c.equal(
    "finalizations that won, of 3 at once",
    replies.filter(({ status }) => status === 202).length,
    1,
    replies[0],
  );
  await settled(c, api, invoice.id);
}

/** A line added while the invoice is finalized is on it exactly when it was accepted. */
export async function lineAndFinalize(c: Case, api: Api, subscriptionId: string): Promise<void> {
  for (const first of ["line", "finalize", "line"]) {
    const { body: invoice } = await draft(c, api, subscriptionId, { periodStart: STARTED });
    await addLine(c, api, invoice.id, WORK);
    const adding = () => lineTo(c, api, invoice.id, [201, 409]);
    const finalizing = () =>
      api.finalizeInvoice(202, { path: { invoiceId: invoice.id }, headers: withKey(c) });
    const [added] = await (first === "line"
      ? Promise.all([adding(), finalizing()])
      : Promise.all([finalizing(), adding()]).then(([, reply]) => [reply]));
    const lines = Array.from({ length: added?.status === 201 ? 2 : 1 }, () =>
      lineOf("manual", WORK, invoice),
    );
    const end = await settled(c, api, invoice.id);
    const { lines: got, subtotal, tax, total, amountPaid, amountDue } = end.body;
    c.equal(
      "what became of line and invoice",
      { lines: got, subtotal, tax, total, amountPaid, amountDue },
      due(lines as Priced),
      end,
    );
  }
}

/** Of voids at once one wins. */
export async function voidedOnce(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const { body } = await draft(c, api, subscriptionId);
  const replies = await Promise.all(
    [1, 2, 3].map(() => api.voidInvoice([200, 409], { path: { invoiceId: body.id } })),
  );
  c.equal(
    "voids that won, of 3 at once",
    replies.filter(({ status }) => status === 200).length,
    1,
    replies[0],
  );
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
