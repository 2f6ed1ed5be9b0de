import { type Answer, type Api, type Case, contract } from "../case.ts";
import {
  draft,
  finalize,
  type Invoice,
  METERED,
  type NewPlan,
  openInvoice,
  type Payment,
  pay,
  refund,
  subscribe,
  withKey,
} from "../lib/billing.ts";
import { anId, justNow, notBefore } from "../lib/match.ts";
import { walkConventions } from "../walk/conventions.ts";
import { walkIdempotency } from "../walk/idempotency.ts";
import { type Filter, type Item, walkList } from "../walk/list.ts";

async function read(api: Api, invoiceId: string): Promise<unknown> {
  const reply = await api.getInvoice(200, { path: { invoiceId } });
  return { etag: reply.headers.etag, body: reply.body };
}

async function countPayments(api: Api): Promise<number> {
  return (await api.listPayments(200, { query: { limit: 100 } })).body.items.length;
}

/** An account without tax, and a subscription that bills nothing by itself. */
async function payer(c: Case, plan: NewPlan = METERED) {
  const tenant = await c.tenant({ taxRateBasisPoints: 0 });
  const { subscription } = await subscribe(c, tenant.api, plan);
  const open = (unitPrice: string): Promise<Invoice> =>
    openInvoice(c, tenant.api, subscription.id, unitPrice);
  return { tenant, api: tenant.api, subscriptionId: subscription.id, open };
}

const TOKENS = [
  ["tok_ok", "succeeded", undefined],
  ["tok_declined", "failed", "declined"],
  ["tok_insufficient_funds", "failed", "insufficient_funds"],
] as const;

contract("listPayments", async (c) => {
  const { api, open } = await payer(c);
  c.body(await api.listPayments(200), { items: [] });
  const invoices = [await open("10"), await open("10")];
  const amounts = Array.from({ length: 22 }, (_, index) => index + 1);
  const payments = await c.all(amounts, async (amount, index) => {
    const method = TOKENS[index % 3]?.[0];
    return (await pay(c, api, invoices[index % 2]?.id ?? "", amount, method)).body;
  });
  const [first, second] = invoices.map(
    ({ id }): Filter => ({ query: { invoiceId: id }, keeps: (item) => item.invoiceId === id }),
  );
  const [succeeded, failed] = ["succeeded", "failed"].map(
    (status): Filter => ({ query: { status }, keeps: (item) => item.status === status }),
  );
  const stranger = await c.tenant();
  await walkList(c, {
    api,
    items: payments as readonly Item[],
    by: "createdAt",
    direction: "descending",
    filters: [first, second, succeeded, failed].filter((filter) => filter !== undefined),
    add: () => pay(c, api, invoices[0]?.id ?? "", 1),
    stranger: stranger.api,
  });
  c.body(await api.listPayments(200, { query: { invoiceId: c.unknownId("inv") } }), { items: [] });
  const theirs = { query: { invoiceId: invoices[0]?.id ?? "" } };
  c.body(await stranger.api.listPayments(200, theirs), { items: [] });
  // A refund shows in the list too.
  const paid = payments.find((item) => item.status === "succeeded");
  await refund(c, api, paid?.id ?? "", 1);
  const listed = await api.listPayments(200, { query: { limit: 100 } });
  const shown = listed.body.items.find(({ id }) => id === paid?.id);
  c.equal("/items", shown, { ...paid, refundedAmount: 1 }, listed);
  await walkConventions(c, { tenant: stranger, call: {} });
});

contract("createPayment", async (c) => {
  const { tenant, api, subscriptionId, open } = await payer(c);
  await c.part("tokens, in part and in full", () => tokens(c, api, open));
  await c.part("other currencies, and the greatest amount", async () => {
    const all = [
      ["JPY", "4900", 4900],
      ["KWD", "0.001", 1],
      ["USD", "90071992547409.91", Number.MAX_SAFE_INTEGER],
    ] as const;
    await c.all(all, async ([currency, unitPrice, amount]) => {
      const { subscription } = await subscribe(c, api, { ...METERED, currency });
      const invoice = await openInvoice(c, api, subscription.id, unitPrice);
      const reply = await pay(c, api, invoice.id, amount);
      c.body(reply, paymentOf(invoice, amount, TOKENS[0]));
      const paid = await api.getInvoice(200, { path: { invoiceId: invoice.id } });
      c.body(paid, after(invoice, amount));
    });
  });
  const refused = (body: object, pointers: readonly string[]) =>
    c.refused(api.send(422, "createPayment", { headers: withKey(c), body }), "validation-failed", {
      pointers,
    });
  const other = await payer(c);
  const theirs = await other.open("10");
  const invoice = await open("10");
  await c.part("more than is due, and invoices that are not there", async () => {
    const before = await read(api, invoice.id);
    const count = await countPayments(api);
    for (const [method] of TOKENS) {
      await refused({ invoiceId: invoice.id, amount: 1001, method }, ["/amount"]);
      await refused({ invoiceId: theirs.id, amount: 1, method }, ["/invoiceId"]);
      await refused({ invoiceId: c.unknownId("inv"), amount: 1, method }, ["/invoiceId"]);
    }
    c.equal("the invoice", await read(api, invoice.id), before);
    c.equal("payments", await countPayments(api), count);
    await pay(c, api, invoice.id, 400);
    await refused({ invoiceId: invoice.id, amount: 601, method: "tok_ok" }, ["/amount"]);
    await refused({ invoiceId: invoice.id, amount: 601, method: "tok_declined" }, ["/amount"]);
  });
  const paid = await open("1");
  await pay(c, api, paid.id, 100);
  await c.part("only an open invoice", async () => {
    const [drafted, failed, voided] = await c.all([1, 2, 3], () => draft(c, api, subscriptionId));
    if (!drafted || !failed || !voided) return;
    c.equal("/status", (await finalize(c, api, failed.body.id)).body.status, "failed");
    await api.voidInvoice(200, { path: { invoiceId: voided.body.id } });
    for (const [index, { id }] of [drafted.body, failed.body, voided.body, paid].entries()) {
      const body = {
        invoiceId: id,
        amount: [1, 100, 5_000][index % 3] ?? 1,
        method: TOKENS[index % 3]?.[0] ?? "tok_ok",
      };
      await c.refused(api.createPayment(409, { headers: withKey(c), body }), "conflict", {});
    }
    const query = { invoiceId: failed.body.id };
    c.body(await api.listPayments(200, { query }), { items: [] });
  });
  await c.part("at once", () => payAtOnce(c, api, open));
  const rich = await open("900000");
  const body = { invoiceId: rich.id, amount: 1, method: "tok_ok" };
  await walkIdempotency(c, {
    api,
    fresh: async () => ({ body }),
    other: (call) => ({ ...call, body: { ...body, amount: 2 } }),
    invalid: (call) => ({ ...call, body: { ...body, amount: 90_000_001 } }),
    effects: async () => (await api.getInvoice(200, { path: { invoiceId: rich.id } })).body.amountPaid,
    stranger: { api: other.api, fresh: async () => ({ body: { ...body, invoiceId: theirs.id } }) },
  });
  await c.part("a failed payment is kept for its key", async () => {
    const call = {
      headers: withKey(c),
      body: { invoiceId: rich.id, amount: 5, method: "tok_declined" },
    } as const;
    const first = await api.createPayment(201, call);
    const count = await countPayments(api);
    const again = await api.createPayment(201, call);
    c.body(again, first.body);
    c.header(again, "idempotency-replayed", "true");
    c.equal("payments", await countPayments(api), count);
  });
  await walkConventions(
    c,
    {
      tenant,
      call: { body: { ...body, method: "tok_declined" } },
      read: () => read(api, rich.id),
      conflict: { body: { ...body, invoiceId: paid.id } },
    },
    other.tenant,
  );
});

/** A payment as it has to be. */
function paymentOf(
  invoice: Invoice,
  amount: number,
  [method, status, failureReason]: (typeof TOKENS)[number],
) {
  return {
    ...{ id: anId("pay"), invoiceId: invoice.id, amount, currency: invoice.currency },
    ...{ method, status, failureReason, refundedAmount: 0, createdAt: justNow() },
  };
}

/** The invoice once so much of it is paid. */
function after(invoice: Invoice, amountPaid: number): Readonly<Record<string, unknown>> {
  const amountDue = invoice.total - amountPaid;
  const status = amountDue === 0 ? "paid" : "open";
  return { ...invoice, status, amountPaid, amountDue, updatedAt: notBefore(invoice.updatedAt) };
}

async function tokens(c: Case, api: Api, open: (price: string) => Promise<Invoice>): Promise<void> {
  const invoice = await open("10");
  const path = { invoiceId: invoice.id };
  let paid = 0;
  let before = await api.getInvoice(200, { path });
  const payments: Payment[] = [];
  for (const amount of [1, 999])
    for (const token of [TOKENS[1], TOKENS[2], TOKENS[0]]) {
      const reply = await pay(c, api, invoice.id, amount, token[0]);
      c.body(reply, paymentOf(invoice, amount, token));
      c.header(reply, "location", `/payments/${reply.body.id}`);
      payments.push(reply.body);
      const now = await api.getInvoice(200, { path });
      if (token[1] === "succeeded") paid += amount;
      c.body(now, token[1] === "succeeded" ? after(invoice, paid) : before.body);
      c.equal("ETag changed", now.headers.etag !== before.headers.etag, token[1] === "succeeded", now);
      before = now;
    }
  const list = await api.listPayments(200, { query: { invoiceId: invoice.id } });
  c.equal("/items", sortedById(list.body.items), sortedById(payments), list);
  await c.all(payments, async (payment) => {
    c.body(await api.getPayment(200, { path: { paymentId: payment.id } }), payment);
  });
  const listed = await api.listInvoices(200, { query: { status: "paid" } });
  c.equal("/items", listed.body.items.find(({ id }) => id === invoice.id)?.amountPaid, 1000, listed);
}

/** Together payments never pay more than what is due. */
async function payAtOnce(c: Case, api: Api, open: (price: string) => Promise<Invoice>): Promise<void> {
  for (const [unitPrice, amount, count, most] of [
    ["10", 1000, 2, 1],
    ["10", 400, 4, 2],
    ["10", 250, 4, 4],
  ] as const) {
    const invoice = await open(unitPrice);
    const body = { invoiceId: invoice.id, amount, method: "tok_ok" } as const;
    const replies: Answer[] = await Promise.all(
      Array.from({ length: count }, () => api.createPayment([201, 409, 422], { headers: withKey(c), body })),
    );
    for (const reply of replies)
      if (reply.status !== 201)
        await c.refused(Promise.resolve(reply), ["conflict", "validation-failed"], {
          pointers: reply.status === 422 ? ["/amount"] : [],
        });
    const won = replies.filter((reply) => reply.status === 201);
    c.equal(`payments of ${amount} that succeeded, of ${count} at once`, won.length, most, replies[0]);
    const now = await api.getInvoice(200, { path: { invoiceId: invoice.id } });
    c.body(now, after(invoice, amount * most));
    const list = await api.listPayments(200, { query: { invoiceId: invoice.id } });
    c.equal(
      "/items",
      list.body.items.map(({ id }) => id).sort(),
      won.map(({ body }) => (body as Payment).id).sort(),
      list,
    );
  }
}

contract("getPayment", async (c) => {
  const { tenant, api, open } = await payer(c);
  const invoice = await open("10");
  const payments: Payment[] = [];
  for (const token of TOKENS) {
    const { body } = await pay(c, api, invoice.id, 100, token[0]);
    const reply = await api.getPayment(200, { path: { paymentId: body.id } });
    c.body(reply, { ...paymentOf(invoice, 100, token), id: body.id, createdAt: body.createdAt });
    payments.push(reply.body);
  }
  const [paid] = payments;
  const path = { paymentId: paid?.id ?? "" };
  for (const refundedAmount of [1, 100]) {
    await refund(c, api, path.paymentId, refundedAmount === 1 ? 1 : 99);
    c.body(await api.getPayment(200, { path }), { ...paid, refundedAmount });
  }
  // Whatever becomes of the invoice, the payments stay.
  await pay(c, api, invoice.id, 900);
  for (const payment of payments.slice(1))
    c.body(await api.getPayment(200, { path: { paymentId: payment.id } }), payment);
  await walkConventions(c, { tenant, call: { path } });
});

contract("refundPayment", async (c) => {
  const { tenant, api, open } = await payer(c, { ...METERED, currency: "JPY" });
  const invoice = await open("1000");
  const paid = async (amount: number) => (await pay(c, api, invoice.id, amount)).body;
  const payment = await paid(100);
  const path = { paymentId: payment.id };
  await c.part("to the sum, and no further", async () => {
    const before = await read(api, invoice.id);
    const bodies = [
      { amount: 1 },
      { amount: 60, reason: " Ää\u0301 😀\n" },
      { amount: 39, reason: "😀".repeat(200) },
    ];
    const refunds: unknown[] = [];
    let refundedAmount = 0;
    for (const body of bodies) {
      const over = { amount: 101 - refundedAmount };
      await c.refused(api.refundPayment(409, { path, headers: withKey(c), body: over }), "conflict", {});
      const reply = await api.refundPayment(201, { path, headers: withKey(c), body });
      refundedAmount += body.amount;
      const wanted = {
        ...{ id: anId("ref"), paymentId: payment.id, currency: "JPY", status: "succeeded" },
        ...body,
      };
      c.body(reply, { ...wanted, createdAt: justNow() });
      c.header(reply, "location", `/refunds/${reply.body.id}`);
      c.body(await api.getRefund(200, { path: { refundId: reply.body.id } }), reply.body);
      c.body(await api.getPayment(200, { path }), { ...payment, refundedAmount });
      refunds.push(reply.body);
    }
    for (const amount of [1, 100, Number.MAX_SAFE_INTEGER])
      await c.refused(
        api.refundPayment(409, { path, headers: withKey(c), body: { amount } }),
        "conflict",
        {},
      );
    const list = await api.listRefunds(200, { path });
    c.equal("/items", sortedById(list.body.items), sortedById(refunds as { id: string }[]), list);
    c.equal("the invoice", await read(api, invoice.id), before);
  });
  await c.part("of a paid invoice", async () => {
    const small = await openInvoice(c, api, invoice.subscriptionId, "10");
    const { body } = await pay(c, api, small.id, 10);
    const before = await read(api, small.id);
    await refund(c, api, body.id, 10);
    c.equal("the invoice", await read(api, small.id), before);
  });
  const declined = (await pay(c, api, invoice.id, 100, "tok_declined")).body;
  await c.part("a failed payment", async () => {
    const call = { path: { paymentId: declined.id }, body: { amount: 1 } };
    await c.refused(api.refundPayment(409, { ...call, headers: withKey(c) }), "conflict", {});
    c.body(await api.getPayment(200, { path: call.path }), declined);
    c.body(await api.listRefunds(200, { path: call.path }), { items: [] });
  });
  await c.part("at once", async () => {
    const { id: paymentId } = await paid(100);
    const replies = await Promise.all(
      [1, 2, 3, 4].map(() =>
        api.refundPayment([201, 409], { path: { paymentId }, headers: withKey(c), body: { amount: 40 } }),
      ),
    );
    const won = replies.filter((reply) => reply.status === 201);
    c.equal("refunds of 40 from 100, of 4 at once", won.length, 2, replies[0]);
    const now = await api.getPayment(200, { path: { paymentId } });
    c.equal("/refundedAmount", now.body.refundedAmount, 80, now);
    c.equal("refunds", (await api.listRefunds(200, { path: { paymentId } })).body.items.length, 2);
  });
  const [large, another] = [await paid(400), await paid(10)];
  const other = await payer(c);
  const theirs = await other.open("10");
  const call = { path: { paymentId: large.id }, body: { amount: 1 } };
  await walkIdempotency(c, {
    api,
    fresh: async () => call,
    other: (known) => ({ ...known, body: { amount: 2 } }),
    elsewhere: (known) => ({ ...known, path: { paymentId: another.id } }),
    invalid: (known) => ({ ...known, body: { amount: 0 } }),
    effects: async () => (await api.getPayment(200, { path: call.path })).body.refundedAmount,
    stranger: {
      api: other.api,
      fresh: async () => ({
        path: { paymentId: (await pay(c, other.api, theirs.id, 1)).body.id },
        body: { amount: 1 },
      }),
    },
  });
  await walkConventions(
    c,
    {
      tenant,
      call: { ...call, body: { amount: 1, reason: "Two seats too many" } },
      read: () => readRefunds(api, large.id),
      conflict: { path: { paymentId: declined.id }, body: { amount: 1 } },
    },
    other.tenant,
  );
});

async function readRefunds(api: Api, paymentId: string): Promise<unknown> {
  const list = await api.listRefunds(200, { path: { paymentId }, query: { limit: 100 } });
  return [list.body, (await api.getPayment(200, { path: { paymentId } })).body];
}

function sortedById<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}

contract("listRefunds", async (c) => {
  const { tenant, api, open } = await payer(c);
  const invoice = await open("10");
  const payments = await c.all([1, 2, 3], async (index) => {
    return (await pay(c, api, invoice.id, 100, index === 3 ? "tok_declined" : "tok_ok")).body;
  });
  const [path, other, declined] = payments.map(({ id }) => ({ paymentId: id }));
  if (!path || !other || !declined) return;
  c.body(await api.listRefunds(200, { path }), { items: [] });
  const refunds = await c.all(Array.from({ length: 22 }), async (_, index) => {
    const body = { amount: 1 + (index % 3), ...(index % 2 === 0 && { reason: `reason ${index}` }) };
    return (await api.refundPayment(201, { path, headers: withKey(c), body })).body;
  });
  const elsewhere = (await refund(c, api, other.paymentId, 7)).body;
  await walkList(c, {
    api,
    call: { path },
    items: refunds as readonly Item[],
    by: "createdAt",
    direction: "ascending",
    add: () => refund(c, api, path.paymentId, 1),
  });
  c.body(await api.listRefunds(200, { path: other }), { items: [elsewhere] });
  c.body(await api.listRefunds(200, { path: declined }), { items: [] });
  await walkConventions(c, { tenant, call: { path } });
});

contract("getRefund", async (c) => {
  const { tenant, api, open } = await payer(c, { ...METERED, currency: "KWD" });
  const invoice = await open("10");
  const { id: paymentId } = (await pay(c, api, invoice.id, 10_000)).body;
  for (const body of [{ amount: 1 }, { amount: 9_998, reason: " as sent\u0301 " }]) {
    const made = await api.refundPayment(201, { path: { paymentId }, headers: withKey(c), body });
    const reply = await api.getRefund(200, { path: { refundId: made.body.id } });
    const { id, createdAt } = made.body;
    c.body(reply, { id, paymentId, currency: "KWD", status: "succeeded", ...body, createdAt });
  }
  const { body: last } = await refund(c, api, paymentId, 1);
  await walkConventions(c, { tenant, call: { path: { refundId: last.id } } });
});
