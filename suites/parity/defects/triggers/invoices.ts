import type { Json } from "../call.ts";
import { METERED, retry, STARTS, type Triggers, type World } from "./world.ts";

const read = async (w: World, id: string): Promise<Json> => (await w.get(`/invoices/${id}`)).body;
const makeVoid = (w: World, id: string) => w.send("POST", `/invoices/${id}/void`);
const FREE = { name: "Free", interval: "month", pricing: { model: "flat", amount: 0 } };

export const invoices = {
  B44: {
    right: "2026-02-28T00:00:00.000Z",
    see: async (w) => (await read(w, await w.draft(await w.subscription()))).periodEnd,
  },
  B45: {
    right: [201, 201],
    see: async (w) => {
      const planId = await w.plan();
      const first = await w.send("POST", "/subscriptions", { planId }, retry("one"));
      const second = await w.send("POST", "/invoices", { subscriptionId: first.body.id }, retry("one"));
      return [first.status, second.status];
    },
  },
  B46: {
    right: "Cafe\u0301",
    see: async (w) => (await read(w, await w.draft(await w.subscription(), { memo: "Cafe\u0301" }))).memo,
  },
  B47: {
    // 0.015 is 1.5 cents, to the even 2, with 0.38 of tax.
    right: [2, 0, 2],
    see: async (w) => {
      const id = await w.draft(await w.subscription());
      const { subtotal, tax, amountDue } = (await w.line(id, { unitPrice: "0.015" })).body;
      return [subtotal, tax, amountDue];
    },
  },
  B48: {
    right: ["a", "b"],
    see: async (w) => {
      const id = await w.draft(await w.subscription());
      for (const description of ["a", "b"]) await w.line(id, { description });
      return (await read(w, id)).lines.map(({ description }: Json) => description);
    },
  },
  B49: { right: 1, see: async (w) => (await read(w, await w.openInvoice())).number },
  B50: {
    right: [1, 2],
    see: async (w) => {
      const [first, second] = [await w.openInvoice(), await w.openInvoice()];
      return [(await read(w, first)).number, (await read(w, second)).number];
    },
  },
  B51: {
    right: [true, undefined],
    see: async (w) => {
      const id = await w.subscription(METERED);
      const event = `/usage/events/${(await w.use(id, "a", { quantity: "10" })).body.id}`;
      const invoiceId = await w.draft(id);
      await w.finalize(invoiceId);
      const claimed = (await w.get(event)).body.invoiceId === invoiceId;
      await makeVoid(w, invoiceId);
      return [claimed, (await w.get(event)).body.invoiceId];
    },
  },
  B52: {
    right: "paid",
    see: async (w) => (await w.finalize(await w.draft(await w.subscription(FREE)))).status,
  },
  B53: {
    right: [0, 1],
    see: async (w) => {
      await makeVoid(w, await w.draft(await w.subscription()));
      return [(await w.ids("/invoices?status=draft")).length, (await w.ids("/invoices?status=void")).length];
    },
  },
  B54: {
    right: 0,
    see: async (w) => {
      const other = await w.neighbour();
      await other.draft(await other.subscription());
      return (await w.ids("/invoices")).length;
    },
  },
  B55: {
    right: ["failed", 202],
    see: async (w) => {
      const id = await w.draft(await w.subscription(METERED), { periodStart: STARTS });
      const { status } = await w.finalize(id);
      return [status, (await w.send("POST", `/invoices/${id}/finalize`)).status];
    },
  },
} satisfies Triggers;
