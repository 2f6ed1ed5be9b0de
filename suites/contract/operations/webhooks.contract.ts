import { type Case, contract, type Tenant } from "../case.ts";
import { type Invoice, pay } from "../lib/billing.ts";
import { justNow, notBefore } from "../lib/match.ts";
import { meanwhile } from "../lib/meanwhile.ts";
import { openInbox, type Reaction } from "../lib/receiver.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { type Filter, type Item, walkList } from "../walk/list.ts";
import { walkPatch } from "../walk/patch.ts";
import {
  holdDelivery,
  lateness,
  type Outcome,
  outcomeOf,
  PATIENCE_MS,
  resources,
} from "./webhooks/delivery.ts";
import { deliversAsChanged, everyEvent } from "./webhooks/told.ts";
import { whatIsTaken } from "./webhooks/urls.ts";
import {
  create,
  type Delivery,
  deliveries,
  EVERY,
  type NewWebhook,
  PAID,
  payer,
  readAll,
  URL,
} from "./webhooks/webhook.ts";

/** What the attempts for a declined payment get, by its amount; without any, 204. */
type Script = Readonly<Record<number, readonly Reaction[]>>;

// The slowest first: three failures take six seconds, beside which all others run.
contract("listDeliveries", async (c) => {
  const { tenant, api, open } = await payer(c);
  const elsewhere = await openInbox(c);
  const script: Script = { 1: [500, { redirect: elsewhere.url }, 404], 3: ["drop"], 4: ["hang", 299] };
  const bad = await openInbox(c, ({ data }, attempt) => script[Number(data.amount)]?.[attempt - 1] ?? 204);
  const good = await openInbox(c);
  const first = await open();
  const ill = await create(api, { url: bad.url, events: EVERY });
  const well = await create(api, { url: good.url, events: EVERY });
  const path = { webhookId: well.webhook.id };
  c.body(await api.listDeliveries(200, { path }), { items: [] });
  const decline = async (invoice: Invoice, amount: number) =>
    (await pay(c, api, invoice.id, amount, "tok_declined")).body;
  const failing = await decline(first, 1);
  c.equal("deliveries right after the event", resources(await deliveries(api, path.webhookId)), [failing.id]);
  const waiting = await decline(first, 2);
  // Seen at the receiver, so that nobody has to ask the target for six seconds.
  const attempts = () => bad.arrivals.filter(({ event }) => event.data.id === failing.id);
  const waits = meanwhile(
    c.part("a delivery that waits", async () => {
      const pending = await c.until("two attempts to have failed", async () => {
        const since = attempts()[1]?.at;
        if (since === undefined) return undefined;
        const query = { status: "pending", limit: 100 } as const;
        const reply = await api.listDeliveries(200, { path: { webhookId: ill.webhook.id }, query });
        const one = reply.body.items.find(({ resourceId }) => resourceId === failing.id);
        if (one !== undefined) return one.attempts.length === 2 ? reply.body.items : undefined;
        // It takes five seconds, which a machine that answers too slowly may miss.
        return Date.now() - since > 5_000 ? "missed" : reply.body.items;
      });
      if (pending === "missed") return;
      const [of, next] = [failing, waiting].map(({ id }) =>
        pending.find(({ resourceId }) => resourceId === id),
      );
      c.equal("attempts so far", of?.attempts.map(outcomeOf), [500, 302]);
      c.equal("attempts for the next event of the same invoice", next?.attempts, []);
    }),
  );
  const [broken, silent, smooth] = await c.all([1, 2, 3], open);
  if (!broken || !silent || !smooth) return;
  const payments = [failing, waiting, await decline(broken, 3), await decline(silent, 4)];
  let lateMs = 0;
  const quick = meanwhile(
    c.part("what succeeds at once", async () => {
      const amounts = Array.from({ length: 18 }, (_, index) => 10 + index);
      const smoothly = await c.all(amounts, async (amount, index) => {
        return (await pay(c, api, smooth.id, amount, index % 3 === 0 ? "tok_ok" : "tok_declined")).body;
      });
      payments.push(...smoothly);
      // Those of opening `broken`, `silent` and `smooth`.
      const known = [...payments.map(({ id }) => id), broken.id, silent.id, smooth.id];
      const done = await c.until(
        "every event delivered",
        async () => {
          const all = await deliveries(api, path.webhookId);
          return all.length < known.length || all.some(({ status }) => status === "pending")
            ? undefined
            : all;
        },
        PATIENCE_MS,
      );
      lateMs = lateness(done);
      c.equal("what was delivered", [...resources(done)].sort(), [...known].sort());
      for (const delivery of done) holdDelivery(c, delivery, well, good, [204]);
      const filter = (query: { event: string } | { status: string }): Filter => ({
        query,
        keeps: (item) => Object.entries(query).every(([name, value]) => item[name] === value),
      });
      const later = await c.tenant();
      await walkList(c, {
        api,
        call: { path },
        items: done as readonly Item[],
        by: "createdAt",
        direction: "descending",
        filters: [
          ...["payment.succeeded", "invoice.finalized", "invoice.paid"].map((event) => filter({ event })),
          ...["succeeded", "failed", "pending"].map((status) => filter({ status })),
        ],
      });
      await walkConventions(c, { tenant, call: { path } }, later);
    }),
  );
  await Promise.all([quick, waits]);
  await c.until("the last attempt", async () => (attempts().length >= 3 ? true : undefined), PATIENCE_MS);
  const settled = await c.until(
    "the last attempt",
    async () => {
      const all = await deliveries(api, ill.webhook.id);
      return all.some(({ status }) => status === "pending") ? undefined : all;
    },
    PATIENCE_MS,
  );
  const outcomes: Readonly<Record<string, readonly Outcome[]>> = {
    [failing.id]: [500, 302, 404],
    [payments[2]?.id ?? ""]: ["unreachable", 204],
    [payments[3]?.id ?? ""]: ["timeout", 299],
  };
  for (const delivery of settled)
    holdDelivery(c, delivery, ill, bad, outcomes[delivery.resourceId] ?? [204], lateMs);
  c.equal("what was delivered", settled.length, (await deliveries(api, path.webhookId)).length);
  c.equal("redirects followed", elsewhere.arrivals.length, 0);
  await c.part("in order for one invoice", async () => {
    const arrivals = (id: string) => bad.arrivals.filter(({ event }) => event.data.id === id);
    const [last, after] = [arrivals(failing.id)[2], arrivals(waiting.id)[0]];
    c.equal("the next event waits", (after?.at ?? 0) >= (last?.at ?? Number.NaN), true);
    // What began before the webhooks did is not among them.
    const inOrder = [
      [first, failing, waiting],
      [broken, broken, payments[2]],
      [silent, silent, payments[3]],
      [smooth, smooth],
    ] as const;
    for (const inbox of [good, bad])
      for (const [invoice, ...wanted] of inOrder) {
        const mine = inbox.events().filter(({ data }) => [data.id, data.invoiceId].includes(invoice.id));
        const ids = mine.slice(0, wanted.length).map(({ data }) => data.id);
        c.equal(
          "events of one invoice, in order",
          ids,
          wanted.map((one) => one?.id),
        );
      }
  });
  const only = async (status: Delivery["status"], kept: readonly Delivery[]) =>
    c.body(
      await api.listDeliveries(200, { path: { webhookId: ill.webhook.id }, query: { status, limit: 100 } }),
      { items: kept },
    );
  await only(
    "failed",
    settled.filter(({ resourceId }) => resourceId === failing.id),
  );
  await only(
    "succeeded",
    settled.filter(({ resourceId }) => resourceId !== failing.id),
  );
  await only("pending", []);
});

contract("listWebhooks", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  c.body(await api.listWebhooks(200), { items: [] });
  const made = await c.all(Array.from({ length: 22 }), (_, index) => {
    const description = index % 3 === 0 ? {} : { description: `${index}` };
    return create(api, {
      url: `${URL}/${index}`,
      events: [EVERY[index % 8] ?? "invoice.paid"],
      enabled: index % 2 === 0,
      ...description,
    });
  });
  const stranger = await c.tenant();
  await walkList(c, {
    api,
    items: made.map(({ webhook }) => webhook) as readonly Item[],
    by: "createdAt",
    direction: "ascending",
    add: () => create(api, PAID),
    stranger: stranger.api,
  });
  c.body(await stranger.api.listWebhooks(200), { items: [] });
  await walkConventions(c, { tenant: stranger, call: {} });
});

contract("createWebhook", async (c) => {
  await Promise.all([
    c.part("what happens", () => everyEvent(c)),
    c.part("URLs and all else", () => whatIsTaken(c)),
  ]);
});

contract("getWebhook", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const body: NewWebhook = {
    url: `${URL}?a=b`,
    events: ["payment.failed", "invoice.paid"],
    description: " as sent\u0301 ",
    enabled: false,
  };
  const { webhook } = await create(api, body);
  const path = { webhookId: webhook.id };
  const reply = await api.getWebhook(200, { path });
  const times = { createdAt: justNow(), updatedAt: webhook.createdAt };
  c.body(reply, { id: webhook.id, ...body, events: ["invoice.paid", "payment.failed"], ...times });
  const headers = { "If-Match": reply.headers.etag ?? "" };
  const changed = await api.updateWebhook(200, { path, headers, body: { description: null } });
  const read = await api.getWebhook(200, { path });
  c.body(read, { ...reply.body, description: undefined, updatedAt: notBefore(webhook.updatedAt) });
  c.header(read, "etag", changed.headers.etag);
  c.equal("ETag changed", read.headers.etag === reply.headers.etag, false, read);
  await walkConventions(c, { tenant, call: { path } });
});

contract("updateWebhook", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { webhook } = await create(api, {
    url: URL,
    events: ["payment.failed", "invoice.paid"],
    description: "Ledger",
  });
  const path = { webhookId: webhook.id };
  const get = () => api.getWebhook(200, { path });
  await Promise.all([
    c.part("deliveries", () => deliversAsChanged(c)),
    c.part("patches", async () => {
      const sorted = ["invoice.failed", "invoice.voided"];
      await walkPatch(c, {
        api,
        path,
        get,
        steps: [
          { patch: {} },
          {
            patch: {
              url: URL,
              events: ["payment.failed", "invoice.paid"],
              description: "Ledger",
              enabled: true,
            },
          },
          { patch: { events: ["invoice.voided", "invoice.failed"] }, changes: { events: sorted } },
          { patch: { events: sorted } },
          { patch: { description: " Ää\u0301 " }, changes: { description: " Ää\u0301 " } },
          { patch: { description: null }, changes: { description: undefined } },
          { patch: { description: null } },
          { patch: { enabled: false, description: "x" }, changes: { enabled: false, description: "x" } },
          {
            patch: { url: "http://127.0.0.1:9/", enabled: true },
            changes: { url: "http://127.0.0.1:9/", enabled: true },
          },
          { patch: { events: [...EVERY].reverse(), url: URL }, changes: { events: EVERY, url: URL } },
        ],
      });
      c.body(await api.listWebhooks(200), { items: [(await get()).body] });
      const etag = async () => (await get()).headers.etag ?? "";
      await walkPreconditionHolds(c, { tenant, call: { path, body: {} }, etag });
      const refuse = async (body: object, pointers: readonly string[]) => {
        const call = { path, headers: { "If-Match": await etag() }, body };
        await c.refused(api.send(422, "updateWebhook", call), "validation-failed", { pointers });
      };
      await refuse({ url: null, events: null, enabled: null }, ["/url", "/events", "/enabled"]);
      await refuse({ id: webhook.id, secret: "x", createdAt: null }, ["/id", "/secret", "/createdAt"]);
      for (const url of ["http://example.com/", "https://host:65536/"]) await refuse({ url }, ["/url"]);
      await lostUpdate(c, tenant, webhook.id);
      const body = {
        url: URL,
        events: ["invoice.paid", "invoice.failed"],
        description: "other",
        enabled: false,
      };
      const read = async () => [(await get()).headers.etag, (await get()).body];
      await walkConventions(c, { tenant, call: { path, body }, etag, read });
    }),
  ]);
});

contract("deleteWebhook", async (c) => {
  const { tenant, api, open } = await payer(c);
  const [bad, kept] = [await openInbox(c, () => 503), await openInbox(c, () => 503)];
  const invoice = await open();
  const dropped = await create(api, { url: bad.url, events: EVERY });
  const other = await create(api, { url: kept.url, events: ["payment.failed"] });
  const path = { webhookId: dropped.webhook.id };
  await pay(c, api, invoice.id, 1, "tok_declined");
  const failures = async (webhookId: string) =>
    (await deliveries(api, webhookId)).at(-1)?.attempts.length ?? 0;
  const failed = (webhookId: string, count: number) =>
    c.until(
      `${count} attempts that failed`,
      async () => ((await failures(webhookId)) >= count ? true : undefined),
      PATIENCE_MS,
    );
  await failed(path.webhookId, 1);
  const gone = await api.deleteWebhook(204, { path });
  const goneAt = Date.now();
  c.equal("body", gone.text, "", gone);
  await c.refused(api.getWebhook(404, { path }), "not-found", {});
  await c.refused(api.listDeliveries(404, { path }), "not-found", {});
  await c.refused(api.deleteWebhook(404, { path }), "not-found", {});
  const change = { path, headers: { "If-Match": "*" }, body: {} };
  await c.refused(api.updateWebhook(404, change), "not-found", {});
  c.body(await api.listWebhooks(200), { items: [other.webhook] });
  await pay(c, api, invoice.id, 1, "tok_declined");
  const { webhook } = await create(api, PAID);
  await walkConventions(c, { tenant, call: { path: { webhookId: webhook.id } }, read: () => readAll(api) });
  // The other's second attempt shows that the time of the dropped one's is over.
  await failed(other.webhook.id, 2);
  c.equal("attempts after deleting", bad.arrivals.filter(({ at }) => at > goneAt).length, 0);
});

/** Of updates with the same ETag at once, one wins. */
async function lostUpdate(c: Case, { api }: Tenant, webhookId: string): Promise<void> {
  const path = { webhookId };
  const before = await api.getWebhook(200, { path });
  const headers = { "If-Match": before.headers.etag ?? "" };
  const replies = await Promise.all(
    ["a", "b", "c", "d"].map((description) =>
      api.updateWebhook([200, 412], { path, headers, body: { description } }),
    ),
  );
  const won = replies.filter((reply) => reply.status === 200);
  c.equal("updates that won with one ETag", won.length, 1, replies[0]);
  c.equal("webhook after the race", (await api.getWebhook(200, { path })).body, won[0]?.body, won[0]);
}
