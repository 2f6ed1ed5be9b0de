import { randomUUID } from "node:crypto";
import { withHeader, withJson } from "../../../proxy/exchange.ts";
import {
  answering,
  bodyOf,
  type Call,
  type Defective,
  deafTo,
  eachObject,
  type Handler,
  type Json,
  rewriting,
  rewritten,
  succeeded,
} from "../call.ts";
import { instantOf } from "../instants.ts";

/** Each request is new to the target, whatever its Idempotency-Key; a bad one is refused as ever. */
export const forgetKey: Handler = ({ sent, forward }) =>
  forward(
    /^[\x21-\x7e]{1,128}$/.test(String(sent.headers["idempotency-key"] ?? ""))
      ? withHeader(sent, "idempotency-key", randomUUID())
      : sent,
  );

const subscriptionUrl = ({ path }: Call): string => `/subscriptions/${path.subscriptionId}`;

const onPlanOnly = deafTo("status", /^(active|canceling|canceled)$/);

export const subscriptions = {
  B22: () => ({ createSubscription: forgetKey }),
  B23: () => ({
    createSubscription: rewriting(({ quantity, ...rest }) =>
      /^[0-9]{1,18}(\.[0-9]{1,6})?$/.test(quantity)
        ? { ...rest, quantity: Number(quantity).toFixed(6) }
        : undefined,
    ),
  }),
  B24: () => ({
    createSubscription: rewriting(({ startsAt, ...rest }) =>
      instantOf(startsAt) !== undefined
        ? { ...rest, startsAt: startsAt.replace(/[+-]\d\d:\d\d$/, "Z") }
        : undefined,
    ),
  }),
  B25: () => ({
    changeSubscription: async (call) => {
      const before = await call.ask("GET", subscriptionUrl(call));
      const received = await call.forward();
      if (!succeeded(received)) return received;
      const { planId, quantity } = bodyOf(before);
      const { effectiveAt } = bodyOf(received).proration;
      const back = { planId, quantity, effectiveAt };
      await call.ask("POST", `${subscriptionUrl(call)}/change`, back, { "if-match": "*" });
      return received;
    },
  }),
  B26: () => ({
    changeSubscription: async (call) => {
      const at = instantOf(call.body?.effectiveAt);
      if (at === undefined) return call.forward();
      const effectiveAt = `${at.toISOString().slice(0, 10)}T00:00:00.000Z`;
      const received = await call.forward(rewritten(call, (body) => ({ ...body, effectiveAt })));
      // The day may begin before the subscription does.
      if (received.status === 422) return call.forward();
      if (!succeeded(received)) return received;
      const { subscription, proration } = bodyOf(received);
      return withJson(received, {
        subscription,
        proration: { ...proration, effectiveAt: at.toISOString() },
      });
    },
  }),
  B27: () => ({
    changeSubscription: answering(({ subscription, proration }) => ({
      subscription,
      proration: { ...proration, net: proration.credit - proration.charge },
    })),
  }),
  B28: () => ({
    cancelSubscription: rewriting(({ mode, ...rest }) =>
      mode === "period_end" ? { ...rest, mode: "now" } : undefined,
    ),
  }),
  B29: () => {
    const ends = new Map<string, string>();
    const resumed = new Set<string>();
    const kept = eachObject((object) =>
      resumed.has(object.id) && object.status === "active"
        ? { ...object, endsAt: ends.get(object.id) }
        : undefined,
    );
    return {
      cancelSubscription: async (call) => {
        const received = await call.forward();
        if (succeeded(received)) ends.set(bodyOf(received).id, bodyOf(received).endsAt);
        return received;
      },
      resumeSubscription: async (call) => {
        resumed.add(call.path.subscriptionId ?? "");
        return kept(call);
      },
      getSubscription: kept,
      listSubscriptions: kept,
      changeSubscription: kept,
    };
  },
  B30: () => ({
    listSubscriptions: (call) => (call.query.has("planId") ? onPlanOnly(call) : call.forward()),
  }),
  B31: () => {
    /** Cursor → the last subscription of the page that gave it. */
    const last = new Map<string, Json>();
    return {
      listSubscriptions: answering((page, { query }) => {
        if (page.nextCursor !== undefined) last.set(page.nextCursor, page.items.at(-1));
        const again = last.get(query.get("cursor") ?? "");
        return again === undefined ? page : { ...page, items: [again, ...page.items].slice(0, 100) };
      }),
    };
  },
  B32: () => ({
    createSubscription: rewriting(({ quantity, ...rest }) =>
      /^0(\.0{1,6})?$/.test(quantity) ? rest : undefined,
    ),
  }),
} satisfies Record<string, Defective>;
