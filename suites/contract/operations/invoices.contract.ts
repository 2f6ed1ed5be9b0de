import { contract } from "../case.ts";
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
  openInvoice,
  pay,
  refund,
  STARTED,
  settled,
  subscribe,
  subscribeTo,
  withKey,
} from "../lib/billing.ts";
import { justNow } from "../lib/match.ts";
import { meanwhile } from "../lib/meanwhile.ts";
import { period, periodAt } from "../lib/periods.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkPreconditionHolds } from "../walk/header.ts";
import { walkIdempotency } from "../walk/idempotency.ts";
import { type Filter, type Item, walkList } from "../walk/list.ts";
import { later, lineTo, type Priced, read, readAll, readBack, WORK } from "./invoices/invoice.ts";
import { aHundred, lineByLine, oneETag } from "./invoices/lines.ts";
import {
  billedOnce,
  finalizedOnce,
  lineAndFinalize,
  voidAndFinalize,
  voidAndPay,
  voidedOnce,
} from "./invoices/races.ts";
import { asRated, metered, recurring, tooLarge } from "./invoices/rating.ts";
import { draftVectors, lineVectors } from "./invoices/vectors.ts";
import { freeUsage } from "./invoices/voiding.ts";

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
  const changed = await c.all(ids, async (invoiceId) => {
    return (await api.getInvoice(200, { path: { invoiceId } })).body;
  });
  const items = [...changed, ...drafts.map(({ body }) => body)];
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
    filters: [status("draft"), subscription(metered.id)],
    add: () => draft(c, api, flat.id),
    stranger: stranger.api,
  });
  const only = async (query: { status: Invoice["status"] } | { subscriptionId: string }, index?: number) =>
    c.body(await api.listInvoices(200, { query }), { items: index === undefined ? [] : [items[index]] });
  await only({ status: "open" }, 0);
  await only({ status: "paid" }, 1);
  await only({ status: "failed" }, 2);
  await only({ status: "void" }, 3);
  await only({ status: "finalizing" });
  await only({ subscriptionId: c.unknownId("sub") });
  c.body(await stranger.api.listInvoices(200), { items: [] });
  c.body(await stranger.api.listInvoices(200, { query: { subscriptionId: flat.id } }), { items: [] });
  await walkConventions(c, { tenant: stranger, call: {} });
});

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
  const partly = await shows(later(open, { amountPaid: 5000, amountDue: 3808 }));
  const payment = await pay(c, api, path.invoiceId, 3808);
  const paid = await shows(later(partly, { status: "paid", amountPaid: 8808, amountDue: 0 }));
  // What does not change it does not change its ETag.
  await api.refundPayment(201, {
    path: { paymentId: payment.body.id },
    headers: withKey(c),
    body: { amount: 36 },
  });
  c.body(await api.getInvoice(200, { path }), paid);
  await walkConventions(c, { tenant, call: { path }, read: () => read(api, path.invoiceId) });
});

contract("addInvoiceLine", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  const { subscription } = await subscribe(c, api);
  const { subscription: metered } = await subscribe(c, api, METERED);
  const fresh = async () => (await draft(c, api, metered.id, { periodStart: STARTED })).body;
  const full = await fresh();
  await c.all(
    [
      () => lineVectors(c),
      () => lineByLine(c, api, subscription.id),
      () => oneETag(c, api, metered.id),
      () => lineAndFinalize(c, api, metered.id),
      () => aHundred(c, api, full),
    ],
    (run) => c.part("lines", run),
  );
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

contract("finalizeInvoice", async (c) => {
  const tenant = await c.tenant();
  const { api } = tenant;
  // Each in an account of its own.
  const elsewhere = meanwhile(
    c.all([recurring, metered, asRated, tooLarge, billedOnce], (run) => c.part(run.name, () => run(c))),
  );
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
  await c.part("one invoice, at once", () => finalizedOnce(c, api, idle.id));
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
    c.body(done, later(reply.body, { status: "open", number: 12, finalizedAt: justNow() }));
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
  await elsewhere;
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
    // Given back it is paid nevertheless.
    await refund(c, api, (await pay(c, api, partly.id, 1)).body.id, 1);
    const { subscription } = await subscribe(c, api, { ...FLAT, pricing: { model: "flat", amount: 0 } });
    const free = (await finalize(c, api, (await bill(subscription.id)).id)).body;
    await pay(c, api, paid.id, paid.amountDue);
    const voided = await drop(await bill(used.id));
    for (const { id } of [partly, paid, free, voided]) {
      const before = await read(api, id);
      await c.refused(api.voidInvoice(409, { path: { invoiceId: id } }), "conflict", {});
      c.equal("after a refused void", await read(api, id), before);
    }
    // A declined payment pays nothing.
    const declined = await openInvoice(c, api, used.id, "10");
    await pay(c, api, declined.id, 5, "tok_declined");
    await drop(declined);
  });
  await c.all([voidAndFinalize, voidAndPay, voidedOnce], (run) =>
    c.part(run.name, () => run(c, api, used.id)),
  );
  const subject = await bill(used.id);
  await walkConventions(c, {
    tenant,
    call: { path: { invoiceId: subject.id } },
    read: () => read(api, subject.id),
    conflict: { path: { invoiceId: paid.id } },
  });
});
