import type { Json } from "../call.ts";
import type { Triggers, World } from "./world.ts";

const read = async (w: World, id: string): Promise<Json> => (await w.get(`/webhooks/${id}`)).body;
const remove = (w: World, id: string) => w.send("DELETE", `/webhooks/${id}`);

export const webhooks = {
  B64: {
    right: ["payment.failed"],
    see: async (w) =>
      (await w.patch(`/webhooks/${await w.webhook()}`, { events: ["payment.failed"] })).body.events,
  },
  B65: {
    right: 0,
    see: async (w) => {
      await remove(w, await w.webhook());
      return (await w.ids("/webhooks")).length;
    },
  },
  B66: {
    right: [200, 404],
    see: async (w) => {
      const deliveries = `/webhooks/${await w.webhook()}/deliveries`;
      const before = (await w.get(deliveries)).status;
      await remove(w, deliveries.split("/")[2] ?? "");
      return [before, (await w.get(deliveries)).status];
    },
  },
  B67: { right: false, see: async (w) => (await read(w, await w.webhook({ enabled: false }))).enabled },
  B68: {
    right: ["invoice.failed", "invoice.paid"],
    see: async (w) => (await read(w, await w.webhook({ events: ["invoice.paid", "invoice.failed"] }))).events,
  },
  B69: {
    right: [1, 0],
    see: async (w) => {
      const deliveries = `/webhooks/${await w.webhook({ events: ["subscription.canceled"] })}/deliveries`;
      await w.send("POST", `/subscriptions/${await w.subscription()}/cancel`, { mode: "now" });
      return [(await w.ids(deliveries)).length, (await w.ids(`${deliveries}?event=invoice.paid`)).length];
    },
  },
  B70: {
    right: 428,
    see: async (w) => (await w.send("PATCH", `/webhooks/${await w.webhook()}`, { enabled: false })).status,
  },
  B71: {
    right: 6,
    see: async (w) => {
      for (let n = 0; n < 6; n++) await w.webhook();
      return (await w.ids("/webhooks")).length;
    },
  },
  B72: {
    right: "https://HOOKS.invalid",
    see: async (w) => (await read(w, await w.webhook({ url: "https://HOOKS.invalid" }))).url,
  },
} satisfies Triggers;
