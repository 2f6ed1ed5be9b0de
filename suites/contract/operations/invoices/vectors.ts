import type { Case } from "../../case.ts";
import {
  addLine,
  draft,
  draftOf,
  due,
  FLAT,
  type Invoice,
  lineOf,
  METERED,
  type NewPlan,
  STARTED,
  subscribe,
  subscribeTo,
  withKey,
} from "../../lib/billing.ts";
import { period } from "../../lib/periods.ts";
import { later, lineTo } from "./invoice.ts";

interface DraftVector {
  readonly id: string;
  readonly given: {
    readonly interval: "month" | "year";
    readonly startsAt: string;
    readonly periodStart: string;
  };
  readonly want:
    | { readonly periodStart: string; readonly periodEnd: string }
    | { readonly status: 422; readonly pointer: string };
}

/** Every period that the documents worked out by hand. */
export async function draftVectors(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const vectors = c.operation.vectors as readonly DraftVector[];
  const plans = new Map<string, Promise<string>>();
  const subscriptions = new Map<string, Promise<string>>();
  const once = <T>(known: Map<string, T>, key: string, make: () => T): T => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
  c.equal("vectors", vectors.length > 0, true);
  await c.all(vectors, ({ id, given, want }) =>
    c.part(id, async () => {
      const planId = await once(plans, given.interval, async () => {
        return (await api.createPlan(201, { body: { ...FLAT, interval: given.interval } })).body.id;
      });
      const subscriptionId = await once(subscriptions, `${planId} ${given.startsAt}`, async () => {
        return (await subscribeTo(c, api, planId, { startsAt: given.startsAt })).id;
      });
      const call = { headers: withKey(c), body: { subscriptionId, periodStart: given.periodStart } };
      if ("pointer" in want)
        return c.refused(api.draftInvoice(422, call), "validation-failed", { pointers: [want.pointer] });
      c.body(await api.draftInvoice(201, call), draftOf(subscriptionId, want));
    }),
  );
}

interface LineVector {
  readonly id: string;
  readonly given: {
    readonly currency: NonNullable<NewPlan["currency"]>;
    readonly taxRateBasisPoints: number;
    readonly quantity: string;
    readonly unitPrice: string;
  };
  readonly want:
    | {
        readonly quantity: string;
        readonly unitPrice: string;
        readonly amount: number;
        readonly taxAmount: number;
      }
    | { readonly status: 422; readonly pointer: string };
}

/** Every line that the documents worked out by hand; small ones of one currency and rate share an invoice. */
export async function lineVectors(c: Case): Promise<void> {
  const { id: accountId, api } = await c.tenant();
  const vectors = c.operation.vectors as readonly LineVector[];
  c.equal("vectors", vectors.length > 0, true);
  const groups = [
    ...Map.groupBy(vectors, ({ id, given }) => {
      return `${given.currency} ${given.taxRateBasisPoints} ${given.quantity.length > 10 ? id : ""}`;
    }).values(),
  ];
  const currencies = [...new Set(vectors.map(({ given }) => given.currency))];
  const subscriptions = await c.all(currencies, async (currency) => {
    return (await subscribe(c, api, { ...METERED, currency })).subscription.id;
  });
  const drafts: { readonly vectors: readonly LineVector[]; readonly invoice: Invoice }[] = [];
  for (const group of groups) {
    const { currency = "EUR", taxRateBasisPoints = 0 } = group[0]?.given ?? {};
    const headers = { "If-Match": "*" };
    await api.updateAccount(200, { path: { accountId }, headers, body: { taxRateBasisPoints } });
    const subscriptionId = subscriptions[currencies.indexOf(currency)] ?? "";
    const reply = await draft(c, api, subscriptionId, { periodStart: STARTED });
    // The invoice keeps the rate of this moment, whatever the account's is later.
    c.body(reply, draftOf(subscriptionId, { currency, taxRateBasisPoints, ...period(STARTED, 1, 0) }));
    drafts.push({ vectors: group, invoice: reply.body });
  }
  await c.all(drafts, async ({ vectors: group, invoice }) => {
    const lines: ReturnType<typeof lineOf>[] = [];
    for (const { id, given, want } of group)
      await c.part(id, async () => {
        const body = { description: id, quantity: given.quantity, unitPrice: given.unitPrice };
        if ("pointer" in want)
          return c.refused(lineTo(c, api, invoice.id, 422, body), "validation-failed", {
            pointers: [want.pointer],
          });
        lines.push({ ...lineOf("manual", body, given), ...want });
        c.body(await addLine(c, api, invoice.id, body), later(invoice, due(lines)));
        // Sums have the same bound.
        if (want.amount < Number.MAX_SAFE_INTEGER) return;
        const cent = { description: "one too many", quantity: "1", unitPrice: "0.01" };
        await c.refused(lineTo(c, api, invoice.id, 422, cent), "validation-failed", {
          pointers: ["/quantity"],
        });
      });
    // Accepted lines were seen in each answer; refused ones must have left nothing.
    if (group.every(({ want }) => "amount" in want && want.amount < Number.MAX_SAFE_INTEGER)) return;
    const read = await api.getInvoice(200, { path: { invoiceId: invoice.id } });
    c.body(read, later(invoice, due(lines)));
  });
}
