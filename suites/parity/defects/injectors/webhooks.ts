import { withHeader } from "../../../proxy/exchange.ts";
import {
  answer,
  bodyOf,
  type Call,
  type Defective,
  deafTo,
  eachObject,
  insteadOf,
  type Json,
  rewriting,
  succeeded,
  withQuery,
} from "../call.ts";
import { by, relisting } from "../lists.ts";

const webhookUrl = ({ path }: Call): string => `/webhooks/${path.webhookId}`;

/** The URL as a parser writes it; one that cannot be read stays. */
const parsed = rewriting(({ url, ...rest }) =>
  URL.canParse(url) && /^https?:/.test(url) ? { ...rest, url: new URL(url).href } : undefined,
);

export const webhooks = {
  B64: () => ({
    updateWebhook: async (call) => {
      const { events = [] } = bodyOf(await call.ask("GET", webhookUrl(call))) ?? {};
      return rewriting(({ events: more, ...rest }) =>
        Array.isArray(more) && more.length > 0
          ? { ...rest, events: [...events.filter((event: string) => !more.includes(event)), ...more] }
          : undefined,
      )(call);
    },
  }),
  B65: () => {
    const deleted = new Map<string, Json[]>();
    return {
      deleteWebhook: async (call) => {
        const webhook = bodyOf(await call.ask("GET", webhookUrl(call)));
        const received = await call.forward();
        if (received.status === 204)
          deleted.set(call.account, [...(deleted.get(call.account) ?? []), webhook]);
        return received;
      },
      listWebhooks: relisting((all, { account }) =>
        [...all, ...(deleted.get(account) ?? [])].toSorted(by("createdAt", "id")),
      ),
    };
  },
  B66: () => {
    /** Account and webhook → what was left. */
    const left = new Map<string, readonly Json[]>();
    const name = ({ account, path }: Call): string => `${account} ${path.webhookId}`;
    return {
      deleteWebhook: async (call) => {
        const { items = [] } =
          bodyOf(await call.ask("GET", `${webhookUrl(call)}/deliveries?limit=100`)) ?? {};
        const received = await call.forward();
        if (received.status === 204) left.set(name(call), items);
        return received;
      },
      listDeliveries: insteadOf(404, async (call) => {
        const items = left.get(name(call));
        return items && answer(200, { items });
      }),
    };
  },
  B67: () => ({
    createWebhook: rewriting(({ enabled, ...rest }) => (enabled === false ? rest : undefined)),
  }),
  B68: () => {
    /** Webhook → its events as they were sent. */
    const orders = new Map<string, readonly string[]>();
    const unsorted = eachObject((object) => {
      const order = object.url === undefined ? undefined : orders.get(object.id);
      return order && { ...object, events: order };
    });
    const keep = async (call: Call) => {
      const received = await call.forward();
      if (!succeeded(received)) return received;
      const { webhook = bodyOf(received) } = bodyOf(received);
      if (call.body.events !== undefined) orders.set(webhook.id, call.body.events);
      return unsorted({ ...call, forward: async () => received });
    };
    return {
      createWebhook: keep,
      updateWebhook: keep,
      getWebhook: unsorted,
      listWebhooks: unsorted,
    };
  },
  B69: () => ({ listDeliveries: deafTo("event", /^(invoice|payment|subscription)\.[a-z]+$/) }),
  B70: () => ({
    updateWebhook: insteadOf(428, (call) => call.forward(withHeader(call.sent, "if-match", "*"))),
  }),
  B71: () => ({
    listWebhooks: (call) =>
      call.forward(call.query.has("limit") ? call.sent : withQuery(call, (query) => query.set("limit", "5"))),
  }),
  B72: () => ({ createWebhook: parsed, updateWebhook: parsed }),
} satisfies Record<string, Defective>;
