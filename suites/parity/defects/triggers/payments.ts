import type { Json } from "../call.ts";
import { retry, type Triggers, type World } from "./world.ts";

const paid = async (w: World, amount = 1000): Promise<string> =>
  (await w.pay(await w.openInvoice(), amount)).body.id;

export const payments = {
  B56: {
    right: 1000,
    see: async (w) => {
      const invoiceId = await w.openInvoice();
      for (const headers of [retry("one"), retry("one")]) await w.pay(invoiceId, 1000, {}, headers);
      return (await w.get(`/invoices/${invoiceId}`)).body.amountPaid;
    },
  },
  B57: {
    right: [201, 409, 600, [600], undefined],
    see: async (w) => {
      const id = await paid(w);
      const first = await w.refund(id, 600);
      const second = await w.refund(id, 600);
      const { items } = (await w.get(`/payments/${id}/refunds`)).body;
      const { refundedAmount } = (await w.get(`/payments/${id}`)).body;
      const again = second.body.id && (await w.get(`/refunds/${second.body.id}`)).status;
      return [first.status, second.status, refundedAmount, items.map(({ amount }: Json) => amount), again];
    },
  },
  B58: {
    right: 600,
    see: async (w) => {
      const id = await paid(w);
      await w.refund(id, 600);
      return (await w.get(`/payments/${id}`)).body.refundedAmount;
    },
  },
  B59: {
    right: 2,
    see: async (w) => {
      const invoiceId = await w.openInvoice();
      await w.pay(invoiceId, 1000, { method: "tok_declined" });
      await w.pay(invoiceId, 1000);
      return (await w.ids("/payments")).length;
    },
  },
  B60: {
    right: 1,
    see: async (w) => {
      const id = await paid(w);
      for (const amount of [100, 200]) await w.refund(id, amount);
      return (await w.ids(`/payments/${id}/refunds?limit=1`)).length;
    },
  },
  B61: {
    right: "insufficient_funds",
    see: async (w) =>
      (await w.pay(await w.openInvoice(), 1, { method: "tok_insufficient_funds" })).body.failureReason,
  },
  B62: {
    right: 404,
    see: async (w) => {
      const { id } = (await w.refund(await paid(w), 600)).body;
      return (await (await w.neighbour()).get(`/refunds/${id}`)).status;
    },
  },
  B63: {
    right: "Too many seats",
    see: async (w) => {
      const { id } = (await w.refund(await paid(w), 600, { reason: "Too many seats" })).body;
      return (await w.get(`/refunds/${id}`)).body.reason;
    },
  },
} satisfies Triggers;
