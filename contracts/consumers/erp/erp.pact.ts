import { given } from "../../states/catalogue.ts";
import type { WebhookEvent } from "../../states/world.ts";
import { consumer } from "../consumer.ts";
import {
  anId,
  boolean,
  decimal,
  eachLike,
  etag,
  exactly,
  integer,
  like,
  money,
  oneOf,
  provided,
  string,
  time,
} from "../matchers.ts";
import { problemType } from "../problem.ts";
import * as erp from "./erp.ts";

const { expects, hears } = consumer("erp");

const currency = like("^[A-Z]{3}$", "EUR");
const subscriptionId = provided("subscriptionId", "sub_1aZ");
const invoiceId = provided("invoiceId", "inv_1aZ");
const paymentId = provided("paymentId", "pay_1aZ");
const webhookId = provided("webhookId", "whk_1aZ");
const problem = (slug: string) => ({ type: problemType(slug) });
const SECRET = "whsec_exampleexampleexampleexampleexample";
const at = "2026-02-28T10:02:01.250Z";

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "the open invoices",
  operation: "listInvoices",
  request: { query: { status: "open" } },
  reply: {
    status: 200,
    body: { items: eachLike({ id: anId("inv_1aZ"), number: integer(1), amountDue: money(5831), currency }) },
  },
  uses: (api) => erp.openInvoices(api),
  sees: [{ id: "inv_1aZ", number: 1, due: 5831, currency: "EUR" }],
});

expects({
  given: given("a payment", { unitPrice: "49", amount: 1000, method: "tok_ok" }),
  upon: "an invoice to book",
  operation: "getInvoice",
  request: { path: { invoiceId } },
  reply: {
    status: 200,
    body: {
      number: integer(1),
      periodStart: time("2026-02-15T10:00:00.000Z"),
      subscriptionId: anId("sub_1aZ"),
      taxRateBasisPoints: integer(1900),
      lines: eachLike({
        kind: oneOf("manual", "usage", "recurring"),
        quantity: decimal("1"),
        unitPrice: decimal("49"),
        amount: money(4900),
        taxAmount: money(931),
      }),
      total: money(5831),
      amountPaid: money(1000),
      amountDue: money(4831),
      currency,
    },
  },
  uses: (api) => erp.ledgerEntry(api, "inv_1aZ"),
  sees: {
    document: "1 of 2026-02",
    subscription: "sub_1aZ",
    rate: 19,
    rows: [{ text: "manual: 1 at 49", amount: 4900, taxAmount: 931 }],
    balance: [5831, 1000, 4831],
    currency: "EUR",
  },
});

expects({
  given: given("a subscription", { status: "active" }),
  upon: "a new draft",
  operation: "draftInvoice",
  request: { headers: { "Idempotency-Key": "erp-draft" }, body: { subscriptionId, memo: "Order 4711" } },
  reply: {
    status: 201,
    headers: { ETag: etag(), Location: like("^.*/invoices/.+$", "/invoices/inv_1aZ") },
    body: { id: anId("inv_1aZ"), status: "draft", memo: "Order 4711" },
  },
  uses: (api) => erp.draft(api, "sub_1aZ", "Order 4711"),
  sees: { id: "inv_1aZ", status: "draft", memo: "Order 4711", tag: '"1"', at: "/invoices/inv_1aZ" },
});

const line = { description: "Support", quantity: "2.5", unitPrice: "10.1" };

expects({
  given: given("a draft invoice", { unitPrices: [] }),
  upon: "a line",
  operation: "addInvoiceLine",
  request: {
    path: { invoiceId },
    headers: { "Idempotency-Key": "erp-line", "If-Match": provided("etag", '"1"') },
    body: line,
  },
  reply: {
    status: 201,
    headers: { ETag: etag() },
    // 2.5 × 10.10 = 25.25, and 19 % of it are 4.7975.
    body: { lines: eachLike({ amount: exactly(2525) }), total: 3005 },
  },
  uses: (api) => erp.addLine(api, "inv_1aZ", '"1"'),
  sees: { amounts: [2525], total: 3005, tag: '"1"' },
});

expects({
  given: given("a draft invoice", { unitPrices: [] }),
  upon: "a line without saying to what",
  operation: "addInvoiceLine",
  request: { path: { invoiceId }, headers: { "Idempotency-Key": "erp-line" }, body: line },
  reply: { status: 428, body: problem("precondition-required") },
  uses: (api) => erp.addLine(api, "inv_1aZ", undefined),
  sees: { problem: "precondition-required" },
});

const finalizing = { path: { invoiceId }, headers: { "Idempotency-Key": "erp-finalize" } };

expects({
  given: given("a draft invoice", { unitPrices: ["49"] }),
  upon: "the end of a draft",
  operation: "finalizeInvoice",
  request: finalizing,
  reply: {
    status: 202,
    headers: { Location: like("^.*/invoices/.+$", "/invoices/inv_1aZ"), "Retry-After": like("^\\d+$", "1") },
    body: { status: "finalizing" },
  },
  uses: (api) => erp.finalize(api, "inv_1aZ"),
  sees: { status: "finalizing", at: "/invoices/inv_1aZ", after: "1" },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "the end of what is no draft",
  operation: "finalizeInvoice",
  request: finalizing,
  reply: { status: 409, body: problem("conflict") },
  uses: (api) => erp.finalize(api, "inv_1aZ"),
  sees: { problem: "conflict" },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "an invoice to withdraw",
  operation: "voidInvoice",
  request: { path: { invoiceId } },
  reply: { status: 200, body: { status: "void", number: integer(1) } },
  uses: (api) => erp.withdraw(api, "inv_1aZ"),
  sees: { status: "void", number: 1 },
});

expects({
  given: given("a payment", { unitPrice: "49", amount: 1000, method: "tok_ok" }),
  upon: "an invoice to withdraw that is paid in part",
  operation: "voidInvoice",
  request: { path: { invoiceId } },
  reply: { status: 409, body: problem("conflict") },
  uses: (api) => erp.withdraw(api, "inv_1aZ"),
  sees: { problem: "conflict" },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "a payment to book",
  operation: "createPayment",
  request: {
    headers: { "Idempotency-Key": "erp-payment" },
    body: { invoiceId, amount: 5831, method: "tok_ok" },
  },
  reply: { status: 201, body: { id: anId("pay_1aZ"), amount: 5831, currency, createdAt: time(at) } },
  uses: (api) => erp.book(api, "inv_1aZ", 5831),
  sees: { id: "pay_1aZ", booked: "5831 EUR", on: at },
});

expects({
  given: given("a payment", { unitPrice: "49", amount: 1000, method: "tok_ok" }),
  upon: "a refund",
  operation: "refundPayment",
  request: { path: { paymentId }, headers: { "Idempotency-Key": "erp-refund" }, body: { amount: 400 } },
  reply: { status: 201, body: { id: anId("ref_1aZ"), amount: 400, status: "succeeded" } },
  uses: (api) => erp.refund(api, "pay_1aZ", 400),
  sees: { id: "ref_1aZ", amount: 400, status: "succeeded" },
});

expects({
  given: given("a payment", { unitPrice: "49", amount: 1000, method: "tok_ok" }),
  upon: "a refund of more than was paid",
  operation: "refundPayment",
  request: { path: { paymentId }, headers: { "Idempotency-Key": "erp-refund" }, body: { amount: 1001 } },
  reply: { status: 409, body: problem("conflict") },
  uses: (api) => erp.refund(api, "pay_1aZ", 1001),
  sees: { problem: "conflict" },
});

expects({
  given: given("a refund", { unitPrice: "49", amount: 1000, refunded: 400 }),
  upon: "the slip of a refund",
  operation: "getRefund",
  request: { path: { refundId: provided("refundId", "ref_1aZ") } },
  reply: { status: 200, body: { paymentId: anId("pay_1aZ"), amount: money(400), createdAt: time(at) } },
  uses: (api) => erp.refundSlip(api, "ref_1aZ"),
  sees: { payment: "pay_1aZ", amount: 400, on: at },
});

expects({
  given: given("a refund", { unitPrice: "49", amount: 1000, refunded: 400 }),
  upon: "what was paid",
  operation: "listPayments",
  request: { query: { status: "succeeded" } },
  reply: {
    status: 200,
    body: {
      items: eachLike({ invoiceId: anId("inv_1aZ"), amount: money(1000), refundedAmount: money(400) }),
    },
  },
  uses: (api) => erp.bookings(api),
  sees: [{ invoiceId: "inv_1aZ", net: 600 }],
});

const hook = "https://erp.example/hooks";

expects({
  given: given("an account"),
  upon: "a webhook",
  operation: "createWebhook",
  request: { body: { url: hook, events: ["invoice.finalized", "invoice.paid"] } },
  reply: { status: 201, body: { webhook: { id: anId("whk_1aZ") }, secret: string(SECRET) } },
  uses: (api) => erp.listen(api, hook),
  sees: { id: "whk_1aZ", secret: SECRET },
});

expects({
  given: given("an account"),
  upon: "a webhook over plain http",
  operation: "createWebhook",
  request: { body: { url: "http://erp.example/hooks", events: ["invoice.finalized", "invoice.paid"] } },
  reply: { status: 422, body: problem("validation-failed") },
  uses: (api) => erp.listen(api, "http://erp.example/hooks"),
  sees: { problem: "validation-failed" },
});

const hears2 = given("a webhook", { events: ["invoice.finalized", "invoice.paid"] });

expects({
  given: hears2,
  upon: "the webhooks",
  operation: "listWebhooks",
  reply: {
    status: 200,
    body: {
      items: eachLike({
        id: anId("whk_1aZ"),
        url: like("^https?://.+$", hook),
        events: eachLike(like("^[a-z]+\\.[a-z]+$", "invoice.paid")),
        enabled: boolean(true),
      }),
    },
  },
  uses: (api) => erp.listeners(api),
  sees: [{ id: "whk_1aZ", url: hook, events: ["invoice.paid"], enabled: true }],
});

expects({
  given: hears2,
  upon: "a webhook's state",
  operation: "getWebhook",
  request: { path: { webhookId } },
  reply: { status: 200, headers: { ETag: etag() }, body: { enabled: boolean(true) } },
  uses: (api) => erp.listener(api, "whk_1aZ"),
  sees: { enabled: true, tag: '"1"' },
});

expects({
  given: hears2,
  upon: "a webhook to mute",
  operation: "updateWebhook",
  request: {
    path: { webhookId },
    headers: { "If-Match": provided("etag", '"1"') },
    body: { enabled: false },
  },
  reply: { status: 200, body: { enabled: false } },
  uses: (api) => erp.mute(api, "whk_1aZ", '"1"'),
  sees: { enabled: false },
});

expects({
  given: hears2,
  upon: "a webhook to delete",
  operation: "deleteWebhook",
  request: { path: { webhookId } },
  reply: { status: 204 },
  uses: (api) => erp.leave(api, "whk_1aZ"),
  sees: "left",
});

expects({
  given: given("an account"),
  upon: "a webhook to delete that is not there",
  operation: "deleteWebhook",
  request: { path: { webhookId: "whk_none" } },
  reply: { status: 404, body: problem("not-found") },
  uses: (api) => erp.leave(api, "whk_none"),
  sees: "not-found",
});

expects({
  given: given("a webhook with a delivery"),
  upon: "what was delivered",
  operation: "listDeliveries",
  request: { path: { webhookId }, query: { event: "subscription.canceled" } },
  reply: {
    status: 200,
    body: {
      items: eachLike({
        eventId: anId("evt_1aZ"),
        resourceId: anId("sub_1aZ"),
        status: oneOf("succeeded", "pending", "failed"),
        attempts: eachLike({ responseStatus: integer(204) }),
      }),
    },
  },
  uses: (api) => erp.deliveries(api, "whk_1aZ"),
  sees: [{ eventId: "evt_1aZ", resourceId: "sub_1aZ", status: "succeeded", answers: [204] }],
});

const reading = { subscriptionId, meter: "api_calls", quantity: "2", occurredAt: "2026-01-21T06:00:00.000Z" };
const sent = { ...reading, subscriptionId: "sub_1aZ" };

expects({
  given: given("usage", {
    events: [{ eventId: "a", quantity: "2", occurredAt: "2026-01-21T06:00:00.000Z" }],
  }),
  upon: "readings, one known and one bad among them",
  operation: "recordUsageBatch",
  request: {
    body: {
      events: [
        { ...reading, eventId: "b" },
        { ...reading, eventId: "a" },
        { ...reading, eventId: "c", quantity: "-1" },
      ],
    },
  },
  reply: {
    status: 200,
    body: {
      items: [
        { index: 0, status: "recorded" },
        { index: 1, status: "duplicate" },
        { index: 2, status: "rejected" },
      ],
    },
  },
  uses: (api) =>
    erp.sendUsage(api, [
      { ...sent, eventId: "b" },
      { ...sent, eventId: "a" },
      { ...sent, eventId: "c", quantity: "-1" },
    ]),
  sees: ["0 recorded", "1 duplicate", "2 rejected"],
});

const heard = (event: WebhookEvent) => ({ given: given("a webhook that hears of", { event }), event });
const once = { once: "evt_1aZ" };

for (const [event, status] of [
  ["invoice.finalized", "open"],
  ["invoice.paid", "paid"],
  ["invoice.voided", "void"],
] as const)
  hears({
    ...heard(event),
    body: {
      id: anId("evt_1aZ"),
      type: event,
      createdAt: time(at),
      data: { id: anId("inv_1aZ"), number: integer(1), status, total: money(5831), currency },
    },
    uses: erp.invoiceEvent,
    sees: {
      ...once,
      type: event,
      createdAt: at,
      invoice: "inv_1aZ",
      number: 1,
      status,
      total: 5831,
      currency: "EUR",
    },
  });

hears({
  ...heard("invoice.failed"),
  body: {
    id: anId("evt_1aZ"),
    type: "invoice.failed",
    data: { id: anId("inv_1aZ"), failureReason: "nothing_to_bill" },
  },
  uses: erp.failedInvoice,
  sees: { ...once, type: "invoice.failed", invoice: "inv_1aZ", why: "nothing_to_bill" },
});

for (const [event, status] of [
  ["payment.succeeded", "succeeded"],
  ["payment.failed", "failed"],
  ["payment.refunded", "succeeded"],
] as const)
  hears({
    ...heard(event),
    body: {
      id: anId("evt_1aZ"),
      type: event,
      data: {
        id: anId("pay_1aZ"),
        invoiceId: anId("inv_1aZ"),
        amount: money(5831),
        refundedAmount: money(0),
        status,
      },
    },
    uses: erp.paymentEvent,
    sees: {
      ...once,
      type: event,
      payment: "pay_1aZ",
      invoiceId: "inv_1aZ",
      amount: 5831,
      refundedAmount: 0,
      status,
    },
  });

hears({
  ...heard("subscription.canceled"),
  body: {
    id: anId("evt_1aZ"),
    type: "subscription.canceled",
    data: { id: anId("sub_1aZ"), canceledAt: time(at) },
  },
  uses: erp.canceledSubscription,
  sees: { ...once, type: "subscription.canceled", subscription: "sub_1aZ", since: at },
});
