import type { CallOf } from "../../../openapi/client/index.ts";
import type { operations } from "../../../openapi/generated/index.ts";
import { type Api, type Case, contract, type Tenant } from "../case.ts";
import type { AnswerOf } from "../lib/api.ts";
import {
  draft,
  FLAT,
  finalize,
  type Invoice,
  METERED,
  openInvoice,
  pay,
  refund,
  subscribe,
} from "../lib/billing.ts";
import { anId, justNow, like, notBefore } from "../lib/match.ts";
import { checkArrival, type Inbox, openInbox, type Reaction, type WebhookEvent } from "../lib/receiver.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { type Filter, type Item, walkList } from "../walk/list.ts";
import { walkPatch } from "../walk/patch.ts";

type NewWebhook = CallOf<operations["createWebhook"]>["body"];
type Created = AnswerOf<"createWebhook", 201>["body"];
type Webhook = Created["webhook"];
type Delivery = AnswerOf<"listDeliveries", 200>["body"]["items"][number];
type EventType = NewWebhook["events"][number];

const EVERY: readonly EventType[] = [
  "invoice.failed",
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "payment.failed",
  "payment.refunded",
  "payment.succeeded",
  "subscription.canceled",
];
const URL = "https://hooks.acme.example/cutover";
const PAID: NewWebhook = { url: URL, events: ["invoice.paid"] };

async function create(api: Api, body: NewWebhook): Promise<Created> {
  return (await api.createWebhook(201, { body })).body;
}

async function readAll(api: Api): Promise<readonly Webhook[]> {
  return (await api.listWebhooks(200, { query: { limit: 100 } })).body.items;
}

async function deliveries(api: Api, webhookId: string): Promise<readonly Delivery[]> {
  return (await api.listDeliveries(200, { path: { webhookId }, query: { limit: 100 } })).body.items;
}

/** An account without tax, and a subscription that bills nothing by itself. */
async function payer(c: Case) {
  const tenant = await c.tenant({ taxRateBasisPoints: 0 });
  const { subscription } = await subscribe(c, tenant.api, METERED);
  return { tenant, api: tenant.api, open: () => openInvoice(c, tenant.api, subscription.id, "10") };
}

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
  const [broken, silent, smooth] = await c.all([1, 2, 3], open);
  if (!broken || !silent || !smooth) return;
  const payments = [failing, waiting, await decline(broken, 3), await decline(silent, 4)];
  let lateMs = 0;
  const quick = c.part("what succeeds at once", async () => {
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
        return all.length < known.length || all.some(({ status }) => status === "pending") ? undefined : all;
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
  });
  await c.part("a delivery that waits", async () => {
    let asked = Date.now();
    const query = { status: "pending" } as const;
    const pending = await c.until("two attempts to have failed", async () => {
      const pause = Date.now() - asked;
      asked = Date.now();
      const { items } = (await api.listDeliveries(200, { path: { webhookId: ill.webhook.id }, query })).body;
      const one = items.find(({ resourceId }) => resourceId === failing.id);
      if (one !== undefined) return one.attempts.length === 2 ? items : undefined;
      // Whoever gets to ask once in four seconds only may miss the five that it takes.
      return pause > 4_000 ? "missed" : items;
    });
    if (pending === "missed") return;
    const [of, next] = [failing.id, waiting.id].map((id) =>
      pending.find(({ resourceId }) => resourceId === id),
    );
    c.equal("attempts so far", of?.attempts.map(outcomeOf), [500, 302]);
    c.equal("attempts for the next event of the same invoice", next?.attempts, []);
  });
  await quick;
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

function resources(known: readonly Delivery[]): readonly string[] {
  return known.map(({ resourceId }) => resourceId);
}

type Outcome = number | "timeout" | "unreachable";

function outcomeOf(attempt: Delivery["attempts"][number]): Outcome {
  return "error" in attempt ? attempt.error : attempt.responseStatus;
}

/** Between attempts, milliseconds; and how much later than that one may begin on a machine with nothing to do. */
const [PAUSES, LATE_MS] = [[1_000, 5_000], 3_000] as const;
/** How long to wait for deliveries: a busy machine makes them late, and that alone is no defect. */
const PATIENCE_MS = 30_000;

/** How late the target begins deliveries that nothing holds back, milliseconds: what it does later is not later than that. */
function lateness(known: readonly Delivery[]): number {
  return Math.max(
    ...known.map(({ createdAt, attempts }) => Date.parse(attempts[0]?.at ?? "") - Date.parse(createdAt)),
  );
}

/** Holds a delivery that has ended to what arrived for it, and both to the outcomes wanted. */
function holdDelivery(
  c: Case,
  delivery: Delivery,
  { webhook, secret }: Created,
  inbox: Inbox,
  outcomes: readonly Outcome[],
  lateMs = 0,
): void {
  const arrivals = inbox.of(delivery.eventId);
  const event = arrivals[0]?.event;
  const what = `delivery of ${delivery.event}`;
  const failed = outcomes.length === 3 && !String(outcomes[2]).startsWith("2");
  c.equal(what, delivery, {
    id: anId("dlv"),
    webhookId: webhook.id,
    event: event?.type,
    eventId: event?.id,
    resourceId: event?.data.id,
    status: failed ? "failed" : "succeeded",
    attempts: outcomes.map((outcome) => ({
      at: justNow(),
      ...(typeof outcome === "number" ? { responseStatus: outcome } : { error: outcome }),
    })),
    createdAt: event?.createdAt,
  });
  // The target's clock is its own; what lies between its times can be compared.
  const began = delivery.attempts.map(({ at }) => Date.parse(at));
  c.equal(`${what}: attempts that arrived`, arrivals.length, outcomes.length);
  for (const [index, arrival] of arrivals.entries()) {
    checkArrival(c, arrival, secret);
    c.equal(`${what}: bytes of attempt ${index + 1}`, arrival.text, arrivals[0]?.text);
    const seconds = Number(/^t=(\d+)/.exec(String(arrival.headers["webhook-signature"]))?.[1]);
    c.equal(
      `${what}: t is of the attempt`,
      Math.abs(seconds * 1000 + 500 - (began[index] ?? 0)) < 2_000,
      true,
    );
    const pause = PAUSES[index];
    const next = began[index + 1];
    if (pause === undefined || next === undefined) continue;
    const wanted = pause + (outcomes[index] === "timeout" ? 2_000 : 0);
    const waited = next - (began[index] ?? 0);
    const inTime = waited >= wanted - 20 && waited <= wanted + LATE_MS + 2 * lateMs;
    c.equal(`${what}: milliseconds before attempt ${index + 2}`, inTime || waited, true);
  }
}

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

/** Every event, told to those who listen when it happens, with the resource as its GET shows it. */
async function everyEvent(c: Case): Promise<void> {
  const { api } = await c.tenant({ taxRateBasisPoints: 0 });
  const [flat, used] = await c.all([FLAT, METERED], (plan) => subscribe(c, api, plan));
  if (!flat || !used) return;
  const inbox = await openInbox(c);
  const paidInbox = await openInbox(c);
  const all = await create(api, { url: inbox.url, events: EVERY });
  const paidOnly = await create(api, { url: paidInbox.url, events: ["invoice.paid"] });
  const silent = await create(api, { url: inbox.url, events: EVERY, enabled: false });
  const wanted: [type: EventType, data: unknown][] = [];
  const invoice = async (invoiceId: string) => (await api.getInvoice(200, { path: { invoiceId } })).body;
  const path = { subscriptionId: used.subscription.id };
  const canceled = await api.cancelSubscription(200, { path, body: { mode: "now" } });
  wanted.push(["subscription.canceled", canceled.body]);

  const nothing = await finalize(c, api, (await draft(c, api, path.subscriptionId)).body.id);
  wanted.push(["invoice.failed", nothing.body]);
  const voided = await api.voidInvoice(200, { path: { invoiceId: nothing.body.id } });
  wanted.push(["invoice.voided", voided.body]);

  const { body: opened } = await finalize(c, api, (await draft(c, api, flat.subscription.id)).body.id);
  wanted.push(["invoice.finalized", opened]);
  wanted.push(["payment.failed", (await pay(c, api, opened.id, 900, "tok_declined")).body]);
  wanted.push(["payment.succeeded", (await pay(c, api, opened.id, 900)).body]);
  const last = (await pay(c, api, opened.id, 4000)).body;
  wanted.push(["payment.succeeded", last], ["invoice.paid", await invoice(opened.id)]);
  await refund(c, api, last.id, 1);
  const refunded = await api.getPayment(200, { path: { paymentId: last.id } });
  wanted.push(["payment.refunded", refunded.body]);

  const free = await subscribe(c, api, { ...FLAT, pricing: { model: "flat", amount: 0 } });
  const { body: paid } = await finalize(c, api, (await draft(c, api, free.subscription.id)).body.id);
  wanted.push(["invoice.finalized", { ...paid, status: "open", updatedAt: notBefore(paid.createdAt) }]);
  wanted.push(["invoice.paid", paid]);

  // Too late for all of it.
  const late = await create(api, { url: inbox.url, events: EVERY });
  await c.until(
    "every event to arrive",
    async () => {
      const come = inbox.events().length >= wanted.length && paidInbox.events().length >= 2;
      return come ? true : undefined;
    },
    PATIENCE_MS,
  );
  for (const one of [silent, late]) c.equal("deliveries", await deliveries(api, one.webhook.id), []);
  const body = ([type, data]: (typeof wanted)[number]) => ({
    id: anId("evt"),
    type,
    createdAt: justNow(),
    data,
  });
  // In order for one invoice, and in none for the rest.
  const related = (events: readonly WebhookEvent[], id: string) =>
    events.filter(({ data }) => data.id === id || data.invoiceId === id);
  const wantedOf = (id: string) =>
    wanted.filter(([, data]) => {
      const { id: own, invoiceId } = data as { id: string; invoiceId?: string };
      return own === id || invoiceId === id;
    });
  for (const id of [canceled.body.id, nothing.body.id, opened.id, paid.id])
    c.equal("events", related(inbox.events(), id), wantedOf(id).map(body));
  const toldPaid = [opened.id, paid.id].flatMap((id) => related(paidInbox.events(), id));
  const isPaid = ([type]: (typeof wanted)[number]) => type === "invoice.paid";
  c.equal("events", toldPaid, wanted.filter(isPaid).map(body));
  c.equal("events in all", [inbox.events().length, paidInbox.events().length], [wanted.length, 2]);
  for (const arrival of inbox.arrivals) checkArrival(c, arrival, all.secret);
  for (const arrival of paidInbox.arrivals) {
    checkArrival(c, arrival, paidOnly.secret);
    c.equal("bytes for every webhook", arrival.text, inbox.of(arrival.event.id)[0]?.text);
  }
}

async function whatIsTaken(c: Case): Promise<void> {
  const tenant = await c.tenant();
  const { api } = tenant;
  const bodies: readonly NewWebhook[] = [
    PAID,
    {
      url: "https://hooks.acme.example:8443/a?b=c",
      events: [...EVERY].reverse(),
      description: "x",
      enabled: true,
    },
    {
      url: "https://A.example:65535",
      events: ["payment.failed", "invoice.paid"],
      description: " Ää\u0301 😀\n",
      enabled: false,
    },
    {
      url: `https://a.example/${"p".repeat(2048 - 18)}`,
      events: ["subscription.canceled"],
      description: "😀".repeat(200),
    },
    { url: "https://[2001:db8::1]/", events: ["invoice.voided"] },
    ...["localhost:1/x", "LOCALHOST", "[::1]:8080/?q", "127.255.255.255:9/x", "127.0.0.1"].map(
      (rest): NewWebhook => ({ ...PAID, url: `http://${rest}` }),
    ),
  ];
  const made = await c.all(bodies, async (body) => {
    const reply = await api.createWebhook(201, { body });
    const { webhook } = reply.body;
    const times = { createdAt: justNow(), updatedAt: webhook.createdAt };
    const wanted = { id: anId("whk"), enabled: true, ...body, events: [...body.events].sort(), ...times };
    c.body(reply, { webhook: wanted, secret: like(/^whsec_[A-Za-z0-9]{32,64}$/) });
    c.header(reply, "location", `/webhooks/${webhook.id}`);
    const read = await api.getWebhook(200, { path: { webhookId: webhook.id } });
    c.body(read, webhook);
    c.header(read, "etag", reply.headers.etag);
    return reply.body;
  });
  c.equal("webhooks", byId(await readAll(api)), byId(made.map(({ webhook }) => webhook)));
  c.equal("secrets", new Set(made.map(({ secret }) => secret)).size, made.length);
  const wrong = [
    ...["http://example.com/", "http://10.0.0.1/", "http://[::2]/", "http://127.1/", "http://127.0.0.256/"],
    ...["http://localhost.example.com/", "https://host:65536/", "https://host:0/", "https://user@host/"],
    ...[
      "https://u:p@host/",
      "https://host/#f",
      "https://",
      "HTTPS://host/",
      "ftp://host/",
      "//host/",
      "host",
    ],
    ...[
      "https://host/ä",
      "https://ho st/",
      " https://host/",
      "https://-host/",
      "http://127.0.0.1.example.com/",
    ],
  ];
  await c.all(wrong, (url) =>
    c.refused(api.createWebhook(422, { body: { ...PAID, url } }), "validation-failed", {
      pointers: ["/url"],
    }),
  );
  const body = {
    url: URL,
    events: ["invoice.paid", "invoice.failed"],
    description: "Ledger",
    enabled: false,
  };
  await walkConventions(c, { tenant, call: { body }, read: () => readAll(api) });
}

function byId<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}

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

/** A pending delivery goes on, where the webhook points to by then; a new event heeds what the webhook is now. */
async function deliversAsChanged(c: Case): Promise<void> {
  const { api, open } = await payer(c);
  const [old, now] = [await openInbox(c, () => 503), await openInbox(c)];
  const invoice = await open();
  const made = await create(api, { url: old.url, events: ["payment.failed"] });
  const path = { webhookId: made.webhook.id };
  const headers = { "If-Match": "*" };
  const decline = async () => (await pay(c, api, invoice.id, 1, "tok_declined")).body.id;
  const first = await decline();
  const arrived = (what: string, inbox: Inbox, count: number) =>
    c.until(what, async () => (inbox.arrivals.length >= count ? true : undefined), PATIENCE_MS);
  await arrived("the first attempt", old, 1);
  await api.updateWebhook(200, { path, headers, body: { url: now.url, enabled: false } });
  const changedAt = Date.now();
  await decline();
  await arrived("an attempt at the new URL", now, 1);
  c.equal("attempts at the old URL, later", old.arrivals.filter(({ at }) => at > changedAt).length, 0);
  c.equal("the bytes of all attempts", now.arrivals[0]?.text, old.arrivals[0]?.text);
  await api.updateWebhook(200, { path, headers, body: { enabled: true, events: ["payment.succeeded"] } });
  await decline();
  await api.updateWebhook(200, { path, headers, body: { events: ["payment.failed", "invoice.paid"] } });
  const last = await decline();
  await arrived("the next event", now, 2);
  c.equal("what was delivered", resources(await deliveries(api, path.webhookId)), [last, first]);
  for (const arrival of [...old.arrivals, ...now.arrivals]) checkArrival(c, arrival, made.secret);
}

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
