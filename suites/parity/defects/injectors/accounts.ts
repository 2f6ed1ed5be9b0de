import { randomUUID } from "node:crypto";
import { withHeader } from "../../../proxy/exchange.ts";
import { ownKey } from "../../../proxy/owners.ts";
import { Aliases } from "../aliases.ts";
import {
  answer,
  asOwner,
  bodyOf,
  type Call,
  type Defective,
  insteadOf,
  type Json,
  rewriting,
  succeeded,
} from "../call.ts";

const accountUrl = ({ path }: Call): string => `/accounts/${path.accountId}`;

export const accounts = {
  B01: () => {
    /** Account → members that no list has shown yet. */
    const unseen = new Map<string, string[]>();
    return {
      inviteMember: async (call) => {
        const received = await call.forward();
        if (succeeded(received))
          unseen.set(call.account, [...(unseen.get(call.account) ?? []), bodyOf(received).member.id]);
        return received;
      },
      listMembers: async (call) => {
        const received = await call.forward();
        const hidden = unseen.get(call.account);
        if (!succeeded(received) || hidden === undefined) return received;
        unseen.delete(call.account);
        const page = bodyOf(received);
        const items = page.items.filter(({ id }: Json) => !hidden.includes(id));
        return answer(200, { ...page, items }, received.headers as Record<string, string>);
      },
    };
  },
  B02: () => ({
    updateAccount: rewriting(({ billingAddress, ...rest }) =>
      billingAddress === undefined || billingAddress === null || "line2" in billingAddress
        ? undefined
        : { ...rest, billingAddress: { ...billingAddress, line2: null } },
    ),
  }),
  B03: () => ({
    updateAccount: rewriting(({ billingAddress, ...rest }) => (billingAddress === null ? rest : undefined)),
  }),
  B04: () => ({
    updateAccount: async (call) => {
      const before = await call.ask("GET", accountUrl(call));
      const received = await call.forward();
      if (!succeeded(received) || received.headers.etag !== before.headers.etag) return received;
      const { taxRateBasisPoints: rate } = bodyOf(received);
      const patch = (taxRateBasisPoints: number) =>
        call.ask("PATCH", accountUrl(call), { taxRateBasisPoints }, { "if-match": "*" });
      await patch(rate === 0 ? 1 : rate - 1);
      return patch(rate);
    },
  }),
  B05: () => {
    const aliases = new Aliases();
    return {
      inviteMember: insteadOf(409, (call) => aliases.force(call, "email", `${randomUUID()}@example.com`)),
      listMembers: aliases.hide,
    };
  },
  B06: () => {
    const removed = new Set<string>();
    const name = ({ account, path }: Call): string => `${account} ${path.accountId} ${path.memberId}`;
    return {
      removeMember: async (call) => {
        const received = await call.forward();
        if (received.status === 204) removed.add(name(call));
        return received.status === 404 && removed.has(name(call)) ? answer(204) : received;
      },
    };
  },
  B07: () => {
    const keys = new Map<string, string>();
    const removed = new Map<string, string>();
    return {
      removeMember: async (call) => {
        const received = await call.forward();
        const key = keys.get(call.path.memberId ?? "");
        if (received.status === 204 && key !== undefined) removed.set(key, call.account);
        return received;
      },
      "*": async (call) => {
        const received = await call.forward();
        if (call.operation === "inviteMember" && succeeded(received))
          keys.set(bodyOf(received).member.id, bodyOf(received).apiKey);
        const owner = received.status === 401 ? removed.get(ownKey(call.sent) ?? "") : undefined;
        return owner !== undefined && call.sent.method === "GET"
          ? call.forward(asOwner(call, owner))
          : received;
      },
    };
  },
  B08: () => ({
    updateAccount: rewriting(({ name, ...rest }) =>
      typeof name === "string" && name.trim() !== name ? { ...rest, name: name.trim() } : undefined,
    ),
  }),
  B09: () => {
    const stale = new Map<string, Awaited<ReturnType<Call["forward"]>>>();
    return {
      updateAccount: async (call) => {
        const before = await call.ask("GET", accountUrl(call));
        const received = await call.forward();
        if (succeeded(received) && received.headers.etag !== before.headers.etag)
          stale.set(call.account, before);
        return received;
      },
      getAccount: async (call) => {
        const received = await call.forward();
        const before = stale.get(call.account);
        if (!succeeded(received) || before === undefined) return received;
        stale.delete(call.account);
        return before;
      },
    };
  },
  B10: () => {
    const exactly = (call: Call) => {
      const { authorization = "" } = call.sent.headers;
      return call.forward(
        authorization.startsWith("Bearer ") ? call.sent : withHeader(call.sent, "authorization", undefined),
      );
    };
    return { getAccount: exactly, listMembers: exactly };
  },
} satisfies Record<string, Defective>;
