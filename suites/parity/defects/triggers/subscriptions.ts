import type { Json } from "../call.ts";
import { FLAT, retry, STARTS, type Triggers, type World } from "./world.ts";

const PER_UNIT = { ...FLAT, pricing: { model: "per_unit", unitPrice: "1" } };
const read = async (w: World, id: string): Promise<Json> => (await w.get(`/subscriptions/${id}`)).body;

async function change(w: World, id: string, body: object): Promise<Json> {
  const headers = { "if-match": await w.etag(`/subscriptions/${id}`) };
  return (await w.send("POST", `/subscriptions/${id}/change`, body, headers)).body;
}
const cancel = async (w: World, id: string, mode: string): Promise<Json> =>
  (await w.send("POST", `/subscriptions/${id}/cancel`, { mode })).body;

export const subscriptions = {
  B22: {
    right: 1,
    see: async (w) => {
      const planId = await w.plan();
      await w.send("POST", "/subscriptions", { planId }, retry("one"));
      await w.send("POST", "/subscriptions", { planId }, retry("one"));
      return (await w.ids("/subscriptions")).length;
    },
  },
  B23: {
    right: "123456789012345678.123456",
    see: async (w) =>
      (await read(w, await w.subscription(FLAT, { quantity: "123456789012345678.123456" }))).quantity,
  },
  B24: {
    right: "2026-01-31T09:30:00.000Z",
    see: async (w) =>
      (await read(w, await w.subscription(FLAT, { startsAt: "2026-01-31T10:30:00+01:00" }))).startsAt,
  },
  B25: {
    right: "7",
    see: async (w) => {
      const id = await w.subscription();
      await change(w, id, { quantity: "7" });
      return (await read(w, id)).quantity;
    },
  },
  B26: {
    right: { effectiveAt: "2026-02-14T12:00:00.000Z", credit: 2362 },
    see: async (w) => {
      const id = await w.subscription();
      const { proration } = await change(w, id, { quantity: "2", effectiveAt: "2026-02-14T12:00:00Z" });
      return { effectiveAt: proration.effectiveAt, credit: proration.credit };
    },
  },
  B27: {
    right: 1,
    see: async (w) => {
      const id = await w.subscription(PER_UNIT);
      return Math.sign(
        (await change(w, id, { quantity: "2", effectiveAt: "2026-02-14T00:00:00Z" })).proration.net,
      );
    },
  },
  B28: {
    right: "canceling",
    see: async (w) => (await cancel(w, await w.subscription(), "period_end")).status,
  },
  B29: {
    right: [undefined, undefined],
    see: async (w) => {
      const id = await w.subscription();
      await cancel(w, id, "period_end");
      const { endsAt } = (await w.send("POST", `/subscriptions/${id}/resume`)).body;
      return [endsAt, (await read(w, id)).endsAt];
    },
  },
  B30: {
    right: 0,
    see: async (w) => {
      const { planId } = await read(w, await w.subscription());
      return (await w.ids(`/subscriptions?status=canceled&planId=${planId}`)).length;
    },
  },
  B31: {
    right: [true, 1],
    see: async (w) => {
      for (const startsAt of [STARTS, STARTS]) await w.subscription(FLAT, { startsAt });
      const { items, nextCursor } = (await w.get("/subscriptions?limit=1")).body;
      const next = await w.ids(`/subscriptions?limit=1&cursor=${nextCursor}`);
      return [!next.includes(items[0].id), next.length];
    },
  },
  B32: {
    right: "0",
    see: async (w) => (await read(w, await w.subscription(FLAT, { quantity: "0" }))).quantity,
  },
} satisfies Triggers;
