import type { Json } from "../call.ts";
import { METERED, type Triggers, usageOf, type World } from "./world.ts";

const metered = (w: World): Promise<string> => w.subscription(METERED);
const eventIds = async (w: World, query = ""): Promise<readonly string[]> =>
  (await w.get(`/usage/events${query}`)).body.items.map(({ eventId }: Json) => eventId);
const remove = (w: World, { body }: { body: Json }) => w.send("DELETE", `/usage/events/${body.id}`);
const batch = async (w: World, events: readonly object[]): Promise<readonly string[]> =>
  (await w.send("POST", "/usage/events/batch", { events })).body.items.map(({ status }: Json) => status);

export const usage = {
  B33: {
    right: ["2", 1],
    see: async (w) => {
      const id = await metered(w);
      await remove(w, await w.use(id, "a", { quantity: "1.5" }));
      await w.use(id, "b", { quantity: "2" });
      const { total, count } = await w.summary(id, "2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z");
      return [total, count];
    },
  },
  B34: {
    right: ["a"],
    see: async (w) => {
      const id = await metered(w);
      await w.use(id, "a");
      await w.use(id, "b", { occurredAt: "2026-02-02T00:00:00.000Z" });
      return eventIds(w, "?to=2026-02-02T00:00:00Z");
    },
  },
  B35: {
    right: ["b"],
    see: async (w) => {
      const id = await metered(w);
      await remove(w, await w.use(id, "a"));
      await w.use(id, "b");
      return eventIds(w);
    },
  },
  B36: {
    right: 3,
    see: async (w) => {
      const id = await metered(w);
      await w.use(id, "a", { occurredAt: "2026-02-02T12:00:00Z" });
      return (await w.summary(id, "2026-02-01T00:00:00Z", "2026-02-04T00:00:00Z")).buckets.length;
    },
  },
  B37: {
    right: [0, 1],
    see: async (w) => {
      const id = await metered(w);
      await w.use(id, "a", { occurredAt: "2026-02-02T03:00:00Z" });
      const { buckets } = await w.summary(id, "2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z");
      return buckets.map(({ count }: Json) => count);
    },
  },
  B38: {
    right: [201, 200, ["a"]],
    see: async (w) => {
      const id = await metered(w);
      return [(await w.use(id, "a")).status, (await w.use(id, "a")).status, await eventIds(w)];
    },
  },
  B39: {
    right: 409,
    see: async (w) => {
      const id = await metered(w);
      await w.use(id, "a");
      return (await w.use(id, "a", { quantity: "2" })).status;
    },
  },
  B40: {
    right: [
      ["recorded", "rejected", "recorded"],
      ["a", "b"],
    ],
    see: async (w) => {
      const id = await metered(w);
      const events = [usageOf(id, "a"), usageOf(id, "x", { quantity: "-1" }), usageOf(id, "b")];
      return [await batch(w, events), (await eventIds(w)).toSorted()];
    },
  },
  B41: {
    right: ["recorded", "duplicate"],
    see: async (w) => {
      const event = usageOf(await metered(w), "a");
      return batch(w, [event, event]);
    },
  },
  B42: {
    right: 409,
    see: async (w) => {
      const id = await metered(w);
      await remove(w, await w.use(id, "a"));
      return (await w.use(id, "a")).status;
    },
  },
  B43: {
    right: ["early", "late"],
    see: async (w) => {
      const id = await metered(w);
      await w.use(id, "late");
      await w.use(id, "early", { occurredAt: "2026-01-31T12:00:00Z" });
      return eventIds(w);
    },
  },
} satisfies Triggers;
