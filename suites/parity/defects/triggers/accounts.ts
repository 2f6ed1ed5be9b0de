import type { Triggers } from "./world.ts";

const ADDRESS = {
  line1: "Hauptstraße 1",
  line2: "Hinterhaus",
  city: "Berlin",
  postalCode: "10115",
  country: "DE",
};

export const accounts = {
  B01: {
    right: 2,
    see: async (w) => {
      await w.invite("grace@example.com");
      return (await w.ids(`${w.account()}/members`)).length;
    },
  },
  B02: {
    right: { ...ADDRESS, city: "Bonn" },
    see: async (w) => {
      await w.patch(w.account(), { billingAddress: ADDRESS });
      return (await w.patch(w.account(), { billingAddress: { city: "Bonn" } })).body.billingAddress;
    },
  },
  B03: {
    right: undefined,
    see: async (w) => {
      await w.patch(w.account(), { billingAddress: ADDRESS });
      return (await w.patch(w.account(), { billingAddress: null })).body.billingAddress;
    },
  },
  B04: {
    right: true,
    see: async (w) => (await w.etag(w.account())) === (await w.patch(w.account(), {})).headers.get("etag"),
  },
  B05: {
    right: [201, 409],
    see: async (w) => [(await w.invite("a@example.com")).status, (await w.invite("a@example.com")).status],
  },
  B06: {
    right: [204, 404],
    see: async (w) => {
      const { member } = (await w.invite("a@example.com")).body;
      const remove = async () => (await w.send("DELETE", `${w.account()}/members/${member.id}`)).status;
      return [await remove(), await remove()];
    },
  },
  B07: {
    right: [200, 401],
    see: async (w) => {
      const { member, apiKey } = (await w.invite("a@example.com")).body;
      const other = await w.as(apiKey);
      const before = (await other.get(w.account())).status;
      await w.send("DELETE", `${w.account()}/members/${member.id}`);
      return [before, (await other.get(w.account())).status];
    },
  },
  B08: {
    right: " Acme ",
    see: async (w) => (await w.patch(w.account(), { name: " Acme " })).body.name,
  },
  B09: {
    right: "New",
    see: async (w) => {
      await w.patch(w.account(), { name: "New" });
      return (await w.get(w.account())).body.name;
    },
  },
  B10: {
    right: 200,
    see: async (w) =>
      (await w.send("GET", w.account(), undefined, { authorization: `bearer ${w.key}` })).status,
  },
} satisfies Triggers;
