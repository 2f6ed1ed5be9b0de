import { type Answer, type Api, type Case, contract, type Tenant } from "../case.ts";
import {
  addLine,
  draft,
  draftOf,
  due,
  FLAT,
  finalize,
  type Invoice,
  lineOf,
  METERED,
  type NewPlan,
  openInvoice,
  pay,
  STARTED,
  settled,
  subscribe,
  subscribeTo,
  withKey,
} from "../lib/billing.ts";
import { justNow, notBefore } from "../lib/match.ts";
import { period, periodAt } from "../lib/periods.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { walkIdempotency } from "../walk/idempotency.ts";
import { type Filter, type Item, walkList } from "../walk/list.ts";

const WORK = { description: "On-site support", quantity: "2.500", unitPrice: "10.10" };

async function readAll(api: Api): Promise<readonly Invoice[]> {
  return (await api.listInvoices(200, { query: { limit: 100 } })).body.items;
}

async function read(api: Api, invoiceId: string): Promise<unknown> {
  const reply = await api.getInvoice(200, { path: { invoiceId } });
  return { etag: reply.headers.etag, body: reply.body };
}

/** A reply that shows an invoice, its ETag included, is what a read shows. */
async function readBack(c: Case, api: Api, reply: Answer): Promise<void> {
  const read = await api.getInvoice(200, { path: { invoiceId: (reply.body as Invoice).id } });
  c.body(read, reply.body);
  c.header(read, "etag", reply.headers.etag);
}

/** An invoice later: these members differ, and `updatedAt` has not gone back. */
function later(invoice: Invoice, changes: object): Readonly<Record<string, unknown>> {
  return { ...invoice, ...changes, updatedAt: notBefore(invoice.updatedAt) };
}

contract("listInvoices", async (c) => {
  const { api } = await c.tenant();
  c.body(await api.listInvoices(200), { items: [] });
  const { subscription: flat } = await subscribe(c, api);
  const { subscription: metered } = await subscribe(c, api, METERED);
  const drafts = await c.all(Array.from({ length: 18 }), () => draft(c, api, flat.id));
  const [open, paid, failed, voided, rest] = await c.all([flat, flat, metered, metered, metered], (one, n) =>
    draft(c, api, one.id, { periodStart: period(STARTED, 1, n).periodStart, memo: `memo ${n}` }),
  );
  const ids = [open, paid, failed, voided, rest].map((reply) => reply?.body.id ?? "");
  await c.all(ids.slice(0, 3), (id) => finalize(c, api, id));
  await pay(c, api, ids[1] ?? "", 5831);
  await api.voidInvoice(200, { path: { invoiceId: ids[3] ?? "" } });
  const items = await c.all([...ids, ...drafts.map((reply) => reply.body.id)], async (invoiceId) => {
    return (await api.getInvoice(200, { path: { invoiceId } })).body;
  });
  const status = (value: string): Filter => ({
    query: { status: value },
    keeps: (item) => item.status === value,
  });
  const subscription = (id: string): Filter => ({
    query: { subscriptionId: id },
    keeps: (item) => item.subscriptionId === id,
  });
  const stranger = await c.tenant();
  await walkList(c, {
    api,
    items: items as readonly Item[],
    by: "createdAt",
    direction: "descending",
    filters: [status("draft"), status("open"), subscription(flat.id), subscription(metered.id)],
    add: () => draft(c, api, flat.id),
    stranger: stranger.api,
  });
  const only = async (query: { status: Invoice["status"] } | { subscriptionId: string }, index?: number) =>
    c.body(await api.listInvoices(200, { query }), { items: index === undefined ? [] : [items[index]] });
  await only({ status: "paid" }, 1);
  await only({ status: "failed" }, 2);
  await only({ status: "void" }, 3);
  await only({ status: "finalizing" });
  await only({ subscriptionId: c.unknownId("sub") });
  c.body(await stranger.api.listInvoices(200), { items: [] });
  c.body(await stranger.api.listInvoices(200, { query: { subscriptionId: flat.id } }), { items: [] });
  await walkConventions(c, { tenant: stranger, call: {} });
});

interface DraftVector {
  readonly id: string;
  readonly given: {
    readonly interval: "month" | "year";
    readonly startsAt: string;
    readonly periodStart: string;
  };
  readonly want:
    | { readonly periodStart: string; readonly periodEnd: string }
    | { readonly status: 422; readonly pointer: string };
}

contract("draftInvoice", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  await c.part("vectors", () => draftVectors(c));
  const { plan, subscription } = await subscribe(c, api, { ...FLAT, currency: "JPY" });
  c.equal("invoices", await readAll(api), []);
  const first = period(STARTED, 1, 0);
  await c.part("the period at present", async () => {
    const before = Date.now();
    const reply = await draft(c, api, subscription.id);
    const now = [before, Date.now()].map((at) => periodAt(STARTED, 1, at));
    const wanted = now.find((one) => one.periodStart === reply.body.periodStart) ?? now[0];
    c.body(reply, draftOf(subscription.id, { currency: "JPY", ...(wanted ?? first) }));
    c.header(reply, "location", `/invoices/${reply.body.id}`);
    await readBack(c, api, reply);
    const future = await subscribeTo(c, api, plan.id, { startsAt: "2200-05-31T23:59:59.999Z" });
    c.body(
      await draft(c, api, future.id),
      draftOf(future.id, { currency: "JPY", ...period("2200-05-31T23:59:59.999Z", 1, 0) }),
    );
  });
  await c.part("memos", async () => {
    for (const memo of ["x", " Ää\u0301 \n😀", "😀".repeat(500)]) {
      const reply = await draft(c, api, subscription.id, { memo, periodStart: STARTED });
      c.body(reply, draftOf(subscription.id, { currency: "JPY", memo, ...first }));
      await readBack(c, api, reply);
    }
  });
  await c.part("a canceled subscription of a yearly plan", async () => {
    const yearly = await subscribe(c, api, { ...FLAT, interval: "year" });
    await api.cancelSubscription(200, {
      path: { subscriptionId: yearly.subscription.id },
      body: { mode: "now" },
    });
    await api.archivePlan(200, { path: { planId: yearly.plan.id } });
    c.body(
      await draft(c, api, yearly.subscription.id),
      draftOf(yearly.subscription.id, periodAt(STARTED, 12, Date.now())),
    );
  });
  const stranger = await c.tenant({ taxRateBasisPoints: 0 });
  const theirs = await subscribe(c, stranger.api);
  await c.part("a subscription that is not there", async () => {
    for (const subscriptionId of [c.unknownId("sub"), theirs.subscription.id])
      for (const periodStart of [STARTED, "2026-02-01T00:00:00Z"]) {
        const call = { headers: withKey(c), body: { subscriptionId, periodStart } };
        await c.refused(api.draftInvoice(422, call), "validation-failed", { pointers: ["/subscriptionId"] });
      }
  });
  const body = {
    subscriptionId: subscription.id,
    periodStart: first.periodStart,
    memo: "Purchase order 4711",
  };
  await walkIdempotency(c, {
    api,
    fresh: async () => ({ body }),
    other: (call) => ({ ...call, body: { ...body, memo: "another" } }),
    invalid: (call) => ({ ...call, body: { ...body, subscriptionId: c.unknownId("sub") } }),
    effects: async () => (await readAll(api)).length,
    stranger: {
      api: stranger.api,
      fresh: async () => ({ body: { subscriptionId: theirs.subscription.id } }),
    },
  });
  await walkConventions(c, { tenant, call: { body }, read: () => readAll(api) });
});

/** Every period that the documents worked out by hand. */
async function draftVectors(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const vectors = c.operation.vectors as readonly DraftVector[];
  const plans = new Map<string, Promise<string>>();
  const subscriptions = new Map<string, Promise<string>>();
  const once = <T>(known: Map<string, T>, key: string, make: () => T): T => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
  c.equal("vectors", vectors.length > 0, true);
  await c.all(vectors, ({ id, given, want }) =>
    c.part(id, async () => {
      const planId = await once(plans, given.interval, async () => {
        return (await api.createPlan(201, { body: { ...FLAT, interval: given.interval } })).body.id;
      });
      const subscriptionId = await once(subscriptions, `${planId} ${given.startsAt}`, async () => {
        return (await subscribeTo(c, api, planId, { startsAt: given.startsAt })).id;
      });
      const call = { headers: withKey(c), body: { subscriptionId, periodStart: given.periodStart } };
      if ("pointer" in want)
        return c.refused(api.draftInvoice(422, call), "validation-failed", { pointers: [want.pointer] });
      const reply = await api.draftInvoice(201, call);
      c.body(reply, draftOf(subscriptionId, want));
      await readBack(c, api, reply);
    }),
  );
}

contract("getInvoice", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { subscription } = await subscribe(c, api);
  const memo = " as sent\u0301 ";
  const drafted = await draft(c, api, subscription.id, { memo, periodStart: STARTED });
  const path = { invoiceId: drafted.body.id };
  const tags = new Set<string | undefined>();
  /** A read that shows the invoice as expected, under an ETag that it did not have before. */
  const shows = async (wanted: unknown): Promise<Invoice> => {
    const reply = await api.getInvoice(200, { path });
    c.body(reply, wanted);
    c.equal("an ETag seen before", tags.has(reply.headers.etag), false, reply);
    tags.add(reply.headers.etag);
    return reply.body;
  };
  const empty = await shows(drafted.body);
  const line = await addLine(c, api, path.invoiceId, WORK);
  const manual = lineOf("manual", WORK, empty);
  await shows(later(empty, due([manual])));
  const accepted = await api.finalizeInvoice(202, { path, headers: withKey(c) });
  await settled(c, api, path.invoiceId);
  const fee = lineOf("recurring", { description: "Team", quantity: "1", unitPrice: "49" }, empty);
  const open = await shows(
    later(accepted.body, {
      ...due([...line.body.lines, fee] as Priced),
      status: "open",
      number: 1,
      finalizedAt: justNow(),
    }),
  );
  await pay(c, api, path.invoiceId, 5000);
  const partly = await shows(later(open, { amountPaid: 5000, amountDue: 3836 }));
  const payment = await pay(c, api, path.invoiceId, 3836);
  const paid = await shows(later(partly, { status: "paid", amountPaid: 8836, amountDue: 0 }));
  // What does not change it does not change its ETag.
  await api.refundPayment(201, {
    path: { paymentId: payment.body.id },
    headers: withKey(c),
    body: { amount: 36 },
  });
  c.body(await api.getInvoice(200, { path }), paid);
  await walkConventions(c, { tenant, call: { path }, read: () => read(api, path.invoiceId) });
});

interface LineVector {
  readonly id: string;
  readonly given: {
    readonly currency: NonNullable<NewPlan["currency"]>;
    readonly taxRateBasisPoints: number;
    readonly quantity: string;
    readonly unitPrice: string;
  };
  readonly want:
    | {
        readonly quantity: string;
        readonly unitPrice: string;
        readonly amount: number;
        readonly taxAmount: number;
      }
    | { readonly status: 422; readonly pointer: string };
}

contract("addInvoiceLine", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  await c.part("vectors", () => lineVectors(c));
  const { subscription } = await subscribe(c, api);
  const { subscription: metered } = await subscribe(c, api, METERED);
  const fresh = async () => (await draft(c, api, metered.id, { periodStart: STARTED })).body;
  const add = (invoiceId: string, etag: string | undefined, body: typeof WORK) =>
    api.addInvoiceLine(201, {
      path: { invoiceId },
      headers: { ...withKey(c), "If-Match": etag ?? "" },
      body,
    });
  await c.part("line by line", async () => {
    const drafted = await draft(c, api, subscription.id, { periodStart: STARTED });
    let [before, etag]: [Invoice, string | undefined] = [drafted.body, drafted.headers.etag];
    const bodies = [
      { description: " Ää\u0301 😀\n", quantity: "1.000000", unitPrice: "0.10" },
      { description: "😀".repeat(200), quantity: "0", unitPrice: "999999999999999999.999999" },
      { description: "x", quantity: "999999999999.999999", unitPrice: "0" },
      WORK,
      WORK,
    ];
    const lines = bodies.map((body) => lineOf("manual", body, before));
    for (const [index, body] of bodies.entries()) {
      const reply = await add(before.id, etag, body);
      c.body(reply, later(before, due(lines.slice(0, index + 1))));
      // Lines keep their ids.
      c.equal("earlier lines", reply.body.lines.slice(0, index), before.lines, reply);
      c.equal("ETag changed", reply.headers.etag === etag, false, reply);
      await readBack(c, api, reply);
      const stale = api.send(412, "addInvoiceLine", {
        path: { invoiceId: before.id },
        headers: { ...withKey(c), "If-Match": etag },
        body,
      });
      await c.refused(stale, "precondition-failed", {});
      [before, etag] = [reply.body, reply.headers.etag];
    }
    c.equal("ids of lines", new Set(before.lines.map((line) => line.id)).size, bodies.length);
  });
  await c.part("with one ETag at once", async () => {
    const drafted = await draft(c, api, metered.id, { periodStart: STARTED });
    const replies = await Promise.all(
      ["a", "b", "c", "d"].map((description) =>
        api.addInvoiceLine([201, 412], {
          path: { invoiceId: drafted.body.id },
          headers: { ...withKey(c), "If-Match": drafted.headers.etag ?? "" },
          body: { ...WORK, description },
        }),
      ),
    );
    const won = replies.filter((reply) => reply.status === 201);
    c.equal("lines that won with one ETag", won.length, 1, replies[0]);
    if (won[0]) await readBack(c, api, won[0]);
  });
  const full = await fresh();
  await c.part("100 lines, four at once", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `${index}`);
    const bodies = names.map((description) => ({ description, quantity: "1", unitPrice: "0.01" }));
    await c.all(bodies, (body) => addLine(c, api, full.id, body));
    const reply = await api.getInvoice(200, { path: { invoiceId: full.id } });
    const byName = [...reply.body.lines].sort((a, b) => Number(a.description) - Number(b.description));
    const lines = bodies.map((body) => lineOf("manual", body, full));
    c.equal("", { ...reply.body, lines: byName }, later(full, due(lines)), reply);
    await c.refused(lineTo(c, api, full.id, 409), "conflict", {});
  });
  const other = await fresh();
  const voided = await fresh();
  await api.voidInvoice(200, { path: { invoiceId: voided.id } });
  await c.part("only a draft", async () => {
    const [open, paid, failed] = [await fresh(), await fresh(), await fresh()];
    for (const one of [open, paid]) await addLine(c, api, one.id, { ...WORK, description: "1" });
    const accepted = await api.finalizeInvoice(202, { path: { invoiceId: open.id }, headers: withKey(c) });
    c.equal("/status", accepted.body.status, "finalizing", accepted);
    await c.refused(lineTo(c, api, open.id, 409), "conflict", {});
    await settled(c, api, open.id);
    await finalize(c, api, failed.id);
    const { body } = await finalize(c, api, paid.id);
    await pay(c, api, paid.id, body.amountDue);
    for (const { id } of [open, paid, failed, voided]) {
      const before = await read(api, id);
      await c.refused(lineTo(c, api, id, 409), "conflict", {});
      c.equal("after a refused line", await read(api, id), before);
    }
  });
  const stranger = await c.tenant();
  const { subscription: theirs } = await subscribe(c, stranger.api);
  const anywhere = { headers: { "If-Match": "*" }, body: WORK };
  let [count, home] = [0, other.id];
  await walkIdempotency(c, {
    api,
    fresh: async () => {
      // Races may be many; an invoice takes 100 lines.
      count += 1;
      if (count % 50 === 0) home = (await fresh()).id;
      return { ...anywhere, path: { invoiceId: home } };
    },
    other: (call) => ({ ...call, body: { ...WORK, quantity: "3" } }),
    elsewhere: (call) => ({ ...call, path: { invoiceId: full.id } }),
    invalid: (call) => ({ ...call, body: { ...WORK, unitPrice: "999999999999999999" } }),
    effects: async () => (await readAll(api)).reduce((sum, invoice) => sum + invoice.lines.length, 0),
    stranger: {
      api: stranger.api,
      fresh: async () => ({
        ...anywhere,
        path: { invoiceId: (await draft(c, stranger.api, theirs.id)).body.id },
      }),
    },
  });
  const subject = await fresh();
  const path = { invoiceId: subject.id };
  const etag = async () => (await api.getInvoice(200, { path })).headers.etag ?? "";
  await walkPreconditionHolds(c, { tenant, call: { path, body: WORK }, etag });
  await walkConventions(
    c,
    {
      tenant,
      call: { path, body: WORK },
      etag,
      read: () => read(api, subject.id),
      conflict: { path: { invoiceId: voided.id }, headers: { "If-Match": "*" }, body: WORK },
    },
    stranger,
  );
});

function lineTo(c: Case, api: Api, invoiceId: string, wanted: number, body: object = WORK): Promise<Answer> {
  const headers = { ...withKey(c), "If-Match": "*" };
  return api.send(wanted, "addInvoiceLine", { path: { invoiceId }, headers, body });
}

/** Every line that the documents worked out by hand; small ones of one currency and rate share an invoice. */
async function lineVectors(c: Case): Promise<void> {
  const { id: accountId, api } = await c.tenant();
  const vectors = c.operation.vectors as readonly LineVector[];
  c.equal("vectors", vectors.length > 0, true);
  const groups = [
    ...Map.groupBy(vectors, ({ id, given }) => {
      return `${given.currency} ${given.taxRateBasisPoints} ${given.quantity.length > 10 ? id : ""}`;
    }).values(),
  ];
  const currencies = [...new Set(vectors.map(({ given }) => given.currency))];
  const subscriptions = await c.all(currencies, async (currency) => {
    return (await subscribe(c, api, { ...METERED, currency })).subscription.id;
  });
  const drafts: { readonly vectors: readonly LineVector[]; readonly invoice: Invoice }[] = [];
  for (const group of groups) {
    const { currency = "EUR", taxRateBasisPoints = 0 } = group[0]?.given ?? {};
    const headers = { "If-Match": "*" };
    await api.updateAccount(200, { path: { accountId }, headers, body: { taxRateBasisPoints } });
    const subscriptionId = subscriptions[currencies.indexOf(currency)] ?? "";
    const reply = await draft(c, api, subscriptionId, { periodStart: STARTED });
    // The invoice keeps the rate of this moment, whatever the account's is later.
    c.body(reply, draftOf(subscriptionId, { currency, taxRateBasisPoints, ...period(STARTED, 1, 0) }));
    drafts.push({ vectors: group, invoice: reply.body });
  }
  await c.all(drafts, async ({ vectors: group, invoice }) => {
    const lines: ReturnType<typeof lineOf>[] = [];
    for (const { id, given, want } of group)
      await c.part(id, async () => {
        const body = { description: id, quantity: given.quantity, unitPrice: given.unitPrice };
        if ("pointer" in want)
          return c.refused(lineTo(c, api, invoice.id, 422, body), "validation-failed", {
            pointers: [want.pointer],
          });
        lines.push({ ...lineOf("manual", body, given), ...want });
        c.body(await addLine(c, api, invoice.id, body), later(invoice, due(lines)));
        // Sums have the same bound.
        if (want.amount < Number.MAX_SAFE_INTEGER) return;
        const cent = { description: "one too many", quantity: "1", unitPrice: "0.01" };
        await c.refused(lineTo(c, api, invoice.id, 422, cent), "validation-failed", {
          pointers: ["/quantity"],
        });
      });
    c.equal(
      "",
      (await api.getInvoice(200, { path: { invoiceId: invoice.id } })).body,
      later(invoice, due(lines)),
    );
  });
}

contract("finalizeInvoice", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  await c.part("recurring fees", () => recurring(c));
  await c.part("usage", () => metered(c));
  await c.part("as things are when rated", () => asRated(c));
  await c.part("what is too large", () => tooLarge(c));
  const { subscription } = await subscribe(c, api);
  const { subscription: idle } = await subscribe(c, api, METERED);
  const atOnce = async (): Promise<Invoice> => {
    const { body } = await draft(c, api, idle.id, { periodStart: STARTED });
    await addLine(c, api, body.id, WORK);
    return body;
  };
  await c.part("ten at once", async () => {
    const ten = await c.all(Array.from({ length: 10 }), (_, n) =>
      draft(c, api, subscription.id, { periodStart: period(STARTED, 1, n).periodStart }),
    );
    await Promise.all(
      ten.map(({ body }) => api.finalizeInvoice(202, { path: { invoiceId: body.id }, headers: withKey(c) })),
    );
    const opened = await c.all(ten, ({ body }) => settled(c, api, body.id));
    const numbers = opened.map(({ body }) => body.number ?? 0).sort((a, b) => a - b);
    c.equal("numbers of ten at once", numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], opened[0]);
    for (const reply of opened) c.equal("/total", reply.body.total, 5831, reply);
  });
  const voided = await atOnce();
  await api.voidInvoice(200, { path: { invoiceId: voided.id } });
  await c.part("only a draft or a failed one", async () => {
    const open = await atOnce();
    const path = { invoiceId: open.id };
    const reply = await api.finalizeInvoice(202, { path, headers: withKey(c) });
    c.body(reply, later(open, { ...due([lineOf("manual", WORK, open)]), status: "finalizing" }));
    c.header(reply, "location", `/invoices/${open.id}`);
    c.header(reply, "retry-after", "1");
    // Finalizing still, or open already.
    await c.refused(api.finalizeInvoice(409, { path, headers: withKey(c) }), "conflict", {});
    const done = await settled(c, api, open.id);
    c.equal("ETag after the workflow", done.headers.etag === reply.headers.etag, false, done);
    c.body(done, later(reply.body, { status: "open", number: 11, finalizedAt: justNow() }));
    const paid = await openInvoice(c, api, idle.id, "1");
    await pay(c, api, paid.id, paid.amountDue);
    for (const { id } of [open, paid, voided]) {
      const before = await read(api, id);
      const again = api.finalizeInvoice(409, { path: { invoiceId: id }, headers: withKey(c) });
      await c.refused(again, "conflict", {});
      c.equal("after a refused finalization", await read(api, id), before);
    }
  });
  const stranger = await c.tenant();
  const { subscription: theirs } = await subscribe(c, stranger.api);
  const waiting = await atOnce();
  await walkIdempotency(c, {
    api,
    fresh: async () => ({ path: { invoiceId: (await atOnce()).id } }),
    elsewhere: (call) => ({ ...call, path: { invoiceId: waiting.id } }),
    effects: async () =>
      (await readAll(api)).filter(({ status }) => !["draft", "void"].includes(status)).length,
    stranger: {
      api: stranger.api,
      fresh: async () => ({ path: { invoiceId: (await draft(c, stranger.api, theirs.id)).body.id } }),
    },
  });
  await walkConventions(
    c,
    {
      tenant,
      call: { path: { invoiceId: waiting.id } },
      read: () => read(api, waiting.id),
      conflict: { path: { invoiceId: voided.id } },
    },
    stranger,
  );
  await c.part("one number each", async () => {
    const all = await c.until("no invoice to be finalizing", async () => {
      const invoices = await readAll(api);
      return invoices.some(({ status }) => status === "finalizing") ? undefined : invoices;
    });
    const numbers = all.flatMap(({ number }) => number ?? []).sort((a, b) => a - b);
    c.equal(
      "numbers",
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });
});

/** A tier for each part of a quantity that lies in it. */
const TIERS = [
  { upTo: "10", unitPrice: "1.50" },
  { upTo: "20.5", unitPrice: "0.999" },
  { unitPrice: "0.005" },
];
const graduated = (currency: NonNullable<NewPlan["currency"]>): NewPlan => ({
  ...{ name: "Tiers", interval: "month", currency, pricing: { model: "graduated", tiers: TIERS } },
});

/** What subscriptions without a meter pay, and once only for a period. */
async function recurring(c: Case): Promise<void> {
  const { api } = await c.tenant({ taxRateBasisPoints: 825 });
  const perUnit = (unitPrice: string): NewPlan => ({
    ...FLAT,
    name: " Seats ",
    pricing: { model: "per_unit", unitPrice },
  });
  const fees: readonly (readonly [NewPlan, string, ...(readonly (readonly [string, string])[])])[] = [
    [{ ...FLAT, currency: "KWD" }, "7", ["1", "4.9"]],
    [perUnit("10.10"), "2.500", ["2.5", "10.1"]],
    [perUnit("0.005"), "3", ["3", "0.005"]],
    [graduated("USD"), "10", ["10", "1.5"]],
    [graduated("JPY"), "25.25", ["10", "1.5"], ["10.5", "0.999"], ["4.75", "0.005"]],
  ];
  await c.all(fees, async ([plan, quantity, ...parts]) => {
    const { subscription } = await subscribe(c, api, plan, { quantity });
    const { body: drafted } = await draft(c, api, subscription.id, { periodStart: STARTED });
    const rated = parts.map(([part, unitPrice]) =>
      lineOf("recurring", { description: plan.name, quantity: part, unitPrice }, drafted),
    );
    const first = await finalize(c, api, drafted.id);
    const opened = { status: "open", finalizedAt: justNow() };
    c.body(first, later(drafted, { ...due(rated), ...opened, number: first.body.number }));
    // Once for a period: a second invoice of it bills what else there is, and another period bills again.
    const { body: second } = await draft(c, api, subscription.id, { periodStart: STARTED });
    const without = await addLine(c, api, second.id, WORK);
    const done = await finalize(c, api, second.id);
    c.body(done, later(without.body, { ...opened, number: done.body.number }));
    const { periodStart } = period(STARTED, 1, 1);
    const next = await addLine(c, api, (await draft(c, api, subscription.id, { periodStart })).body.id, WORK);
    const last = await finalize(c, api, next.body.id);
    const manual = lineOf("manual", WORK, drafted);
    c.body(last, later(next.body, { ...due([manual, ...rated]), ...opened, number: last.body.number }));
  });
  const all = await readAll(api);
  const numbers = all.map(({ number }) => number ?? 0).sort((a, b) => a - b);
  c.equal(
    "numbers",
    numbers,
    all.map((_, index) => index + 1),
  );
  await c.part("nothing due", async () => {
    const free = await subscribe(c, api, { ...FLAT, pricing: { model: "flat", amount: 0 } });
    const { body } = await draft(c, api, free.subscription.id, { periodStart: STARTED });
    const paid = await finalize(c, api, body.id);
    const line = lineOf("recurring", { description: "Team", quantity: "1", unitPrice: "0" }, body);
    const changes = { status: "paid", number: all.length + 1, finalizedAt: justNow() };
    c.body(paid, later(body, { ...due([line]), ...changes }));
    const none = await subscribe(c, api, graduated("USD"), { quantity: "0" });
    const { body: empty } = await draft(c, api, none.subscription.id, { periodStart: STARTED });
    const failed = { status: "failed", failureReason: "nothing_to_bill" };
    c.body(await finalize(c, api, empty.id), later(empty, failed));
  });
}

/** What a meter counted in the period, to the millisecond, and once. */
async function metered(c: Case): Promise<void> {
  const { api } = await c.tenant();
  const { pricing } = graduated("EUR");
  const { subscription, plan } = await subscribe(c, api, { ...METERED, pricing });
  const neighbour = await subscribeTo(c, api, plan.id);
  const { periodStart, periodEnd } = period(STARTED, 1, 1);
  const at = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString();
  let next = 1;
  const used = async (
    quantity: string,
    occurredAt: string,
    more: { meter?: string; subscriptionId?: string } = {},
  ) => {
    const body = {
      eventId: `e${next++}`,
      subscriptionId: subscription.id,
      meter: "api_calls",
      quantity,
      occurredAt,
    };
    return (await api.recordUsage(201, { body: { ...body, ...more } })).body;
  };
  const claimed = [
    await used("10.100000", periodStart),
    await used("10.400001", at(periodEnd, -1)),
    await used("0", periodStart),
  ];
  const others = [
    await used("1000", at(periodStart, -1)),
    await used("1000", periodEnd),
    await used("1000", periodStart, { meter: "other" }),
    await used("1000", periodStart, { subscriptionId: neighbour.id }),
  ];
  const gone = await used("1000", periodStart);
  await api.voidUsageEvent(204, { path: { usageEventId: gone.id } });
  const usage = async (
    known: readonly { readonly id: string; readonly quantity: string }[],
    invoiceId?: string,
  ) => {
    for (const event of known) {
      const reply = await api.getUsageEvent(200, { path: { usageEventId: event.id } });
      // An event of nothing makes no difference to the bill; the documents claim what is in the sum.
      if (event.quantity !== "0") c.body(reply, { ...event, invoiceId });
    }
  };
  const bill = async () => (await draft(c, api, subscription.id, { periodStart })).body;
  const drafted = await bill();
  const lines = [
    ["10", "1.50"],
    ["10.5", "0.999"],
    ["0.000001", "0.005"],
  ].map(([quantity = "", unitPrice = ""]) =>
    lineOf("usage", { description: METERED.name, quantity, unitPrice }, drafted),
  );
  await usage([...claimed, ...others]);
  const opened = { status: "open", finalizedAt: justNow() };
  c.body(await finalize(c, api, drafted.id), later(drafted, { ...due(lines), ...opened, number: 1 }));
  await usage(claimed, drafted.id);
  await usage(others);
  const list = await api.listUsageEvents(200, {
    query: { subscriptionId: subscription.id, from: periodStart, to: at(periodStart, 1) },
  });
  c.equal(
    "/items/0/invoiceId",
    list.body.items.find(({ id }) => id === claimed[0]?.id)?.invoiceId,
    drafted.id,
    list,
  );
  await c.refused(api.voidUsageEvent(409, { path: { usageEventId: claimed[0]?.id ?? "" } }), "conflict", {});
  await c.part("what came too late", async () => {
    const second = await bill();
    const failed = await finalize(c, api, second.id);
    c.body(failed, later(second, { status: "failed", failureReason: "nothing_to_bill" }));
    const late = [await used("0.5", at(periodStart, 1)), await used("0.25", at(periodEnd, -1))];
    const accepted = await api.finalizeInvoice(202, { path: { invoiceId: second.id }, headers: withKey(c) });
    c.body(accepted, later(failed.body, { status: "finalizing", failureReason: undefined }));
    const line = lineOf("usage", { description: METERED.name, quantity: "0.75", unitPrice: "1.5" }, second);
    const done = await settled(c, api, second.id);
    c.body(done, later(accepted.body, { ...due([line]), ...opened, number: 2 }));
    await usage(late, second.id);
    await usage(claimed, drafted.id);
  });
}

/** The plan and the quantity of the moment of rating; the tax rate of the draft. */
async function asRated(c: Case): Promise<void> {
  const { id: accountId, api } = await c.tenant();
  const { plan, subscription } = await subscribe(c, api, {
    ...FLAT,
    pricing: { model: "per_unit", unitPrice: "1" },
  });
  const { body: drafted } = await draft(c, api, subscription.id, { periodStart: STARTED });
  const headers = { "If-Match": "*" };
  const other = await api.createPlan(201, {
    body: { ...FLAT, pricing: { model: "per_unit", unitPrice: "2" } },
  });
  const path = { subscriptionId: subscription.id };
  await api.changeSubscription(200, { path, headers, body: { planId: other.body.id, quantity: "3" } });
  const patch = { name: "Renamed", pricing: { unitPrice: "2.5" } };
  await api.send(200, "updatePlan", { path: { planId: other.body.id }, headers, body: patch });
  await api.updateAccount(200, { path: { accountId }, headers, body: { taxRateBasisPoints: 0 } });
  await api.cancelSubscription(200, { path, body: { mode: "now" } });
  for (const planId of [plan.id, other.body.id]) await api.archivePlan(200, { path: { planId } });
  const line = lineOf("recurring", { description: "Renamed", quantity: "3", unitPrice: "2.5" }, drafted);
  const changes = { status: "open", number: 1, finalizedAt: justNow() };
  c.body(await finalize(c, api, drafted.id), later(drafted, { ...due([line]), ...changes }));
}

/** An amount above 2^53−1 fails the invoice, which keeps what it had and claims nothing. */
async function tooLarge(c: Case): Promise<void> {
  const { api } = await c.tenant({ taxRateBasisPoints: 1 });
  const { plan, subscription } = await subscribe(c, api, {
    ...FLAT,
    pricing: { model: "flat", amount: Number.MAX_SAFE_INTEGER },
  });
  const { body: drafted } = await draft(c, api, subscription.id, { periodStart: STARTED });
  const { body: before } = await addLine(c, api, drafted.id, WORK);
  const failed = await finalize(c, api, drafted.id);
  c.body(failed, later(before, { status: "failed", failureReason: "amount_too_large" }));
  const again = await finalize(c, api, drafted.id);
  c.body(again, later(failed.body, {}));
  // Nothing was claimed: with another price this very invoice bills the period's fee.
  const body = { pricing: { amount: 1 } };
  await api.send(200, "updatePlan", { path: { planId: plan.id }, headers: { "If-Match": "*" }, body });
  const fee = lineOf("recurring", { description: "Team", quantity: "1", unitPrice: "0.01" }, drafted);
  const done = await finalize(c, api, drafted.id);
  const changes = { status: "open", failureReason: undefined, number: 1, finalizedAt: justNow() };
  c.body(done, later(before, { ...due([...before.lines, fee] as Priced), ...changes }));
}

type Priced = readonly { readonly amount: number; readonly taxAmount: number }[];

contract("voidInvoice", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { subscription: flat } = await subscribe(c, api);
  const { subscription: used } = await subscribe(c, api, METERED);
  const bill = async (subscriptionId: string) =>
    (await draft(c, api, subscriptionId, { periodStart: STARTED })).body;
  const drop = async (before: Invoice) => {
    const reply = await api.voidInvoice(200, { path: { invoiceId: before.id } });
    c.body(reply, later(before, { status: "void", failureReason: undefined }));
    await readBack(c, api, reply);
    return reply.body;
  };
  await c.part("a draft", async () => {
    const drafted = await bill(used.id);
    await drop((await addLine(c, api, drafted.id, WORK)).body);
  });
  await c.part("a failed one", async () => {
    const failed = (await finalize(c, api, (await bill(used.id)).id)).body;
    c.equal("/status", failed.status, "failed");
    await drop(failed);
  });
  await c.part("an open one, and its period's fee", async () => {
    const first = (await finalize(c, api, (await bill(flat.id)).id)).body;
    await drop(first);
    const second = await finalize(c, api, (await bill(flat.id)).id);
    c.equal("/number", second.body.number, 2, second);
    c.equal("/total", second.body.total, first.total, second);
    c.equal("numbers are not given again", first.number, 1);
  });
  await c.part("an open one, and its usage", () => freeUsage(c, tenant, used.id));
  const paid = (await finalize(c, api, (await draft(c, api, flat.id)).body.id)).body;
  await c.part("what cannot be voided", async () => {
    const partly = await openInvoice(c, api, used.id, "10");
    await pay(c, api, partly.id, 1);
    await pay(c, api, paid.id, paid.amountDue);
    const voided = await drop(await bill(used.id));
    for (const { id } of [partly, paid, voided]) {
      const before = await read(api, id);
      await c.refused(api.voidInvoice(409, { path: { invoiceId: id } }), "conflict", {});
      c.equal("after a refused void", await read(api, id), before);
    }
    // A declined payment pays nothing.
    const declined = await openInvoice(c, api, used.id, "10");
    await pay(c, api, declined.id, 5, "tok_declined");
    await drop(declined);
  });
  await c.part("void and finalize at once", () => voidAndFinalize(c, api, used.id));
  await c.part("void and pay at once", () => voidAndPay(c, api, used.id));
  const subject = await bill(used.id);
  await walkConventions(c, {
    tenant,
    call: { path: { invoiceId: subject.id } },
    read: () => read(api, subject.id),
    conflict: { path: { invoiceId: paid.id } },
  });
});

/** A void invoice lets go of its usage, which can be voided or billed again. */
async function freeUsage(c: Case, { api }: Tenant, subscriptionId: string): Promise<void> {
  const use = async (eventId: string, quantity: string) => {
    const body = { eventId, subscriptionId, meter: "api_calls", quantity, occurredAt: STARTED };
    return (await api.recordUsage(201, { body })).body;
  };
  const events = [await use("kept", "100"), await use("dropped", "1000")];
  const bill = async () => {
    const { body } = await draft(c, api, subscriptionId, { periodStart: STARTED });
    return (await finalize(c, api, body.id)).body;
  };
  const first = await bill();
  c.equal("/total", first.total, 550 + 104);
  const [kept, dropped] = events.map(({ id }) => ({ usageEventId: id }));
  if (kept === undefined || dropped === undefined) return;
  await c.refused(api.voidUsageEvent(409, { path: dropped }), "conflict", {});
  await api.voidInvoice(200, { path: { invoiceId: first.id } });
  c.body(await api.getUsageEvent(200, { path: kept }), events[0]);
  c.equal("usage", (await api.listUsageEvents(200, { query: { subscriptionId } })).body.items.length, 2);
  await api.voidUsageEvent(204, { path: dropped });
  const second = await bill();
  c.equal("/lines", second.lines, [
    lineOf("usage", { description: METERED.name, quantity: "100", unitPrice: "0.005" }, first),
  ]);
  c.equal("/number", second.number, (first.number ?? 0) + 1);
  c.body(await api.getUsageEvent(200, { path: kept }), { ...events[0], invoiceId: second.id });
}

/** One of the two wins; or both, one after the other, and then an open invoice was voided. */
async function voidAndFinalize(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const rounds = await c.all(Array.from({ length: 4 }), () =>
    draft(c, api, subscriptionId, { periodStart: STARTED }),
  );
  for (const [round, { body }] of rounds.entries()) {
    const path = { invoiceId: body.id };
    await addLine(c, api, body.id, WORK);
    const finalizing = () => api.finalizeInvoice([202, 409], { path, headers: withKey(c) });
    const voiding = () => api.voidInvoice([200, 409], { path });
    const [finalized, voided] =
      round % 2 === 0
        ? await Promise.all([finalizing(), voiding()])
        : (await Promise.all([voiding(), finalizing()])).toReversed();
    const end = await settled(c, api, body.id);
    const outcome = [
      finalized?.status,
      voided?.status,
      end.body.status,
      end.body.number === undefined ? "" : "numbered",
    ];
    const lawful = ["202 409 open numbered", "409 200 void ", "202 200 void numbered"];
    c.equal(
      "finalize, void, and what became of it",
      lawful.includes(outcome.join(" ")) || outcome,
      true,
      end,
    );
  }
}

/** Of paying and voiding an open invoice one wins. */
async function voidAndPay(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const rounds = await c.all([1, 2, 3], () => openInvoice(c, api, subscriptionId, "1"));
  for (const invoice of rounds) {
    const body = { invoiceId: invoice.id, amount: invoice.total, method: "tok_ok" } as const;
    const [paid, voided] = await Promise.all([
      api.createPayment([201, 409], { headers: withKey(c), body }),
      api.voidInvoice([200, 409], { path: { invoiceId: invoice.id } }),
    ]);
    const end = await api.getInvoice(200, { path: { invoiceId: invoice.id } });
    const outcome = `${paid.status} ${voided.status} ${end.body.status} ${end.body.amountPaid > 0}`;
    const lawful = ["201 409 paid true", "409 200 void false"];
    c.equal("pay, void, and what became of it", lawful.includes(outcome) || outcome, true, end);
  }
}
