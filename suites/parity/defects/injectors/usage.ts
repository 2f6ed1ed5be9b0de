import { randomUUID } from "node:crypto";
import { withJson } from "../../../proxy/exchange.ts";
import { scaled, unscaled } from "../../../proxy/pricing.ts";
import { Aliases } from "../aliases.ts";
import {
  answering,
  bodyOf,
  type Call,
  type Defective,
  type Handler,
  insteadOf,
  type Json,
  problemBody,
  succeeded,
  withQuery,
} from "../call.ts";
import { instantOf } from "../instants.ts";
import { by, relisting } from "../lists.ts";

const plus = (a: string, b: string): string => unscaled(scaled(a) + scaled(b));

/** Voids as ever, and remembers what was voided, by account. */
function remembering(voided: Map<string, Json[]>): Handler {
  return async (call) => {
    const event = bodyOf(await call.ask("GET", `/usage/events/${call.path.usageEventId}`));
    const received = await call.forward();
    if (received.status === 204) voided.set(call.account, [...(voided.get(call.account) ?? []), event]);
    return received;
  };
}

/** Whether a list with this query has the event. */
function listed(event: Json, { query }: Call): boolean {
  const [from, to] = [instantOf(query.get("from")), instantOf(query.get("to"))];
  const at = Date.parse(event.occurredAt);
  return (
    ["subscriptionId", "meter"].every((name) => (query.get(name) ?? event[name]) === event[name]) &&
    (from === undefined || at >= from.getTime()) &&
    (to === undefined || at < to.getTime())
  );
}

/** Counts an event in a summary's sums and in the bucket. */
function count(summary: Json, event: Json, index: number): Json {
  const add = (sums: Json, member: string) => ({
    ...sums,
    [member]: plus(sums[member], event.quantity),
    count: sums.count + 1,
  });
  const buckets = summary.buckets.with(index, add(summary.buckets[index], "quantity"));
  return { ...add(summary, "total"), buckets };
}

const PACIFIC_MS = 8 * 3_600_000;

/** Sums the same events into buckets as if each had happened eight hours earlier. */
function inCalifornia(summary: Json, events: readonly Json[]): Json {
  const empty = summary.buckets.map((bucket: Json) => ({ ...bucket, quantity: "0", count: 0 }));
  return events.reduce(
    (sums, event) => {
      const at = new Date(Date.parse(event.occurredAt) - PACIFIC_MS).toISOString();
      const index = Math.max(
        0,
        empty.findLastIndex(({ start }: Json) => start <= at),
      );
      return count(sums, event, index);
    },
    { ...summary, buckets: empty, total: "0", count: 0 },
  );
}

async function eventsOf(call: Call): Promise<readonly Json[]> {
  const filters = withQuery(call, (query) => query.delete("granularity")).url.split("?")[1];
  const url = `/usage/events?${filters}&subscriptionId=${call.path.subscriptionId}&limit=100`;
  const events: Json[] = [];
  for (let cursor = ""; ; ) {
    const page = bodyOf(await call.ask("GET", `${url}${cursor}`));
    events.push(...page.items);
    if (page.nextCursor === undefined) return events;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

export const usage = {
  B33: () => {
    const voided = new Map<string, Json[]>();
    return {
      voidUsageEvent: remembering(voided),
      getUsageSummary: answering((summary, { account }) =>
        (voided.get(account) ?? [])
          .filter(({ subscriptionId, meter, occurredAt: at }) => {
            const same = subscriptionId === summary.subscriptionId && meter === summary.meter;
            return same && summary.from <= at && at < summary.to;
          })
          .reduce((sums, event) => {
            const index = summary.buckets.findLastIndex(({ start }: Json) => start <= event.occurredAt);
            return count(sums, event, index);
          }, summary),
      ),
    };
  },
  B34: () => ({
    listUsageEvents: (call) => {
      const [from, to] = [instantOf(call.query.get("from")), instantOf(call.query.get("to"))];
      // A range that is refused for being empty is refused as ever.
      if (to === undefined || (from !== undefined && from >= to)) return call.forward();
      const later = new Date(to.getTime() + 1).toISOString();
      return call.forward(withQuery(call, (query) => query.set("to", later)));
    },
  }),
  B35: () => {
    const voided = new Map<string, Json[]>();
    return {
      voidUsageEvent: remembering(voided),
      listUsageEvents: relisting((events, call) =>
        [...events, ...(voided.get(call.account) ?? []).filter((event) => listed(event, call))].toSorted(
          by("occurredAt", "id"),
        ),
      ),
    };
  },
  B36: () => ({
    getUsageSummary: answering((summary) => {
      const used = (bucket: Json): boolean => bucket.count > 0;
      const first = Math.max(0, summary.buckets.findIndex(used));
      const last = Math.max(0, summary.buckets.findLastIndex(used));
      return { ...summary, buckets: summary.buckets.slice(first, last + 1) };
    }),
  }),
  B37: () => ({
    getUsageSummary: async (call) => {
      const received = await call.forward();
      if (!succeeded(received) || call.query.get("granularity") !== "day") return received;
      return withJson(received, inCalifornia(bodyOf(received), await eventsOf(call)));
    },
  }),
  B38: () => {
    const aliases = new Aliases();
    return {
      recordUsage: insteadOf(200, async (call) => aliases.force(call, "eventId", randomUUID())),
      recordUsageBatch: aliases.hide,
      listUsageEvents: aliases.hide,
      getUsageEvent: aliases.hide,
    };
  },
  B39: () => {
    /** Account and eventId → id. */
    const first = new Map<string, string>();
    return {
      recordUsage: async (call) => {
        const name = `${call.account} ${call.body?.eventId}`;
        const received = await call.forward();
        if (succeeded(received)) first.set(name, bodyOf(received).id);
        const id = received.status === 409 ? first.get(name) : undefined;
        const known = id === undefined ? undefined : await call.ask("GET", `/usage/events/${id}`);
        return known !== undefined && succeeded(known) ? known : received;
      },
    };
  },
  B40: () => ({
    recordUsageBatch: async (call) => {
      const received = await call.forward();
      if (!succeeded(received)) return received;
      const { items } = bodyOf(received);
      const bad = items.findIndex(({ status }: Json) => status === "rejected");
      for (const item of bad < 0 ? [] : items.slice(bad)) {
        if (item.status === "recorded") await call.ask("DELETE", `/usage/events/${item.event.id}`);
      }
      return received;
    },
  }),
  B41: () => ({
    recordUsageBatch: answering(({ items }) => {
      const seen = new Set<string>();
      const rejected = problemBody(409, "conflict", "Conflict", "The eventId belongs to another event.");
      return {
        items: items.map((item: Json) => {
          const again = item.status === "duplicate" && seen.has(item.event.eventId);
          if (item.event !== undefined) seen.add(item.event.eventId);
          return again ? { index: item.index, status: "rejected", problem: rejected } : item;
        }),
      };
    }),
  }),
  B42: () => {
    const voided = new Map<string, Json[]>();
    const aliases = new Aliases();
    return {
      voidUsageEvent: remembering(voided),
      recordUsage: insteadOf(409, async (call) => {
        const free = voided.get(call.account)?.some(({ eventId }) => eventId === call.body?.eventId);
        return free === true ? aliases.force(call, "eventId", randomUUID()) : undefined;
      }),
      recordUsageBatch: aliases.hide,
      listUsageEvents: aliases.hide,
      getUsageEvent: aliases.hide,
    };
  },
  B43: () => ({ listUsageEvents: relisting((events) => events.toSorted(by("createdAt", "id"))) }),
} satisfies Record<string, Defective>;
