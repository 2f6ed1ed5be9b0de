import type { Json } from "../call.ts";
import { FLAT, METERED, type Triggers, type World } from "./world.ts";

const names = async (w: World, path: string): Promise<readonly string[]> =>
  (await w.get(path)).body.items.map(({ name }: Json) => name);

async function named(w: World, ...all: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of all) ids.push(await w.plan({ ...FLAT, name }));
  return ids;
}

async function quote(w: World, pricing: object, quantity: string): Promise<Json> {
  const planId = await w.plan({ ...FLAT, pricing });
  return (await w.send("POST", `/plans/${planId}/quote`, { quantity })).body;
}

const TIERS = {
  model: "graduated",
  tiers: [{ upTo: "1", unitPrice: "0.03" }, { unitPrice: "0.02" }],
};

export const catalog = {
  B11: {
    right: ["b"],
    see: async (w) => {
      const [first] = await named(w, "a", "b");
      await w.send("POST", `/plans/${first}/archive`);
      return names(w, "/plans?status=active");
    },
  },
  B12: {
    right: [["a"], ["b"]],
    see: async (w) => {
      await named(w, "a", "b");
      const { items, nextCursor } = (await w.get("/plans?limit=1")).body;
      return [[items[0].name], await names(w, `/plans?limit=1&cursor=${nextCursor}`)];
    },
  },
  B13: {
    right: ["b"],
    see: async (w) => {
      await named(w, "a", "b");
      const { nextCursor } = (await w.get("/plans?limit=1")).body;
      return names(w, `/plans?limit=1&cursor=${nextCursor}`);
    },
  },
  B14: {
    right: "What it is",
    see: async (w) => {
      const planId = await w.plan({ ...FLAT, description: "What it is" });
      return (await w.patch(`/plans/${planId}`, { name: "New" })).body.description;
    },
  },
  B15: {
    right: 412,
    see: async (w) => {
      const path = `/plans/${await w.plan()}`;
      const headers = { "if-match": await w.etag(path) };
      await w.patch(path, { name: "First" });
      return (await w.send("PATCH", path, { name: "Second" }, headers)).status;
    },
  },
  B16: {
    right: [200, 409],
    see: async (w) => {
      const path = `/plans/${await w.plan()}/archive`;
      return [(await w.send("POST", path)).status, (await w.send("POST", path)).status];
    },
  },
  B17: {
    right: [0, 0],
    see: async (w) => {
      const { subtotal, total } = await quote(w, { model: "per_unit", unitPrice: "0.005" }, "1");
      return [subtotal, total];
    },
  },
  B18: {
    right: 2,
    see: async (w) => (await quote(w, TIERS, "3")).lines.length,
  },
  B19: {
    // 3 cents and 4 cents, with 0.57 and 0.76 of tax: 1 and 1. Of 7 together 1.33 would be 1.
    right: 2,
    see: async (w) => (await quote(w, TIERS, "3")).tax,
  },
  B20: {
    right: 412,
    see: async (w) => {
      const path = `/plans/${await w.plan()}`;
      const headers = { "if-match": await w.etag(path) };
      await w.send("POST", `${path}/archive`);
      return (await w.send("PATCH", path, { name: "New" }, headers)).status;
    },
  },
  B21: {
    right: 403,
    see: async (w) => {
      const { apiKey } = (await w.invite("a@example.com", { role: "member", scopes: ["catalog:read"] })).body;
      return (await (await w.as(apiKey)).send("POST", "/plans", METERED)).status;
    },
  },
} satisfies Triggers;
