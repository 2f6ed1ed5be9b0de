import { given } from "../../states/catalogue.ts";
import { consumer } from "../consumer.ts";
import {
  anId,
  decimal,
  eachLike,
  etag,
  integer,
  like,
  money,
  oneOf,
  provided,
  string,
  time,
} from "../matchers.ts";
import { problemType } from "../problem.ts";
import * as mobile from "./mobile.ts";

const { expects, hears } = consumer("mobile");

const KEY = "ck_exampleexampleexampleexampleexample";
const currency = like("^[A-Z]{3}$", "EUR");
const planId = provided("planId", "plan_1aZ");
const subscriptionId = provided("subscriptionId", "sub_1aZ");
const invoiceId = provided("invoiceId", "inv_1aZ");
const problem = (slug: string) => ({ type: problemType(slug) });

expects({
  upon: "a sign-up",
  operation: "createAccount",
  request: { body: { name: "Acme GmbH", email: "ada@acme.example", currency: "EUR" } },
  reply: { status: 201, body: { account: { id: anId("acc_1aZ") }, apiKey: string(KEY) } },
  uses: (api) => mobile.signUp(api, { name: "Acme GmbH", email: "ada@acme.example" }),
  sees: { accountId: "acc_1aZ", apiKey: KEY },
});

expects({
  upon: "a sign-up without a name",
  operation: "createAccount",
  request: { body: { name: "", email: "ada@acme.example", currency: "EUR" } },
  reply: { status: 422, body: { ...problem("validation-failed"), errors: [{ pointer: "/name" }] } },
  uses: (api) => mobile.signUp(api, { name: "", email: "ada@acme.example" }),
  sees: { problem: "validation-failed", fields: ["/name"] },
});

expects({
  given: given("plans", { active: 2, archived: 0 }),
  upon: "the names of a few plans",
  operation: "listPlans",
  request: { query: { limit: "5" } },
  reply: { status: 200, body: { items: eachLike({ id: anId("plan_1aZ"), name: string("Team") }) } },
  uses: (api) => mobile.plans(api),
  sees: [{ id: "plan_1aZ", name: "Team" }],
});

expects({
  given: given("a plan", { unitPrice: "2.50" }),
  upon: "the price of one",
  operation: "quotePlan",
  request: { path: { planId }, body: { quantity: "1" } },
  reply: { status: 200, body: { total: money(298), currency } },
  uses: (api) => mobile.priceTag(api, "plan_1aZ"),
  sees: "298 EUR",
});

const subscribing = { path: {}, headers: { "Idempotency-Key": "mobile-1" }, body: { planId, quantity: "5" } };

expects({
  given: given("a plan", { unitPrice: "2.50" }),
  upon: "a new subscription",
  operation: "createSubscription",
  request: subscribing,
  reply: { status: 201, body: { id: anId("sub_1aZ"), status: "active" } },
  uses: (api) => mobile.subscribe(api, "plan_1aZ", "5", "mobile-1"),
  sees: { id: "sub_1aZ", status: "active", again: undefined },
});

expects({
  given: given("a subscription made with a key", { key: "mobile-1", quantity: "5" }),
  upon: "a new subscription, sent again",
  operation: "createSubscription",
  request: subscribing,
  reply: {
    status: 201,
    headers: { "Idempotency-Replayed": "true" },
    body: { id: anId("sub_1aZ"), status: "active" },
  },
  uses: (api) => mobile.subscribe(api, "plan_1aZ", "5", "mobile-1"),
  sees: { id: "sub_1aZ", status: "active", again: "true" },
});

expects({
  given: given("a subscription made with a key", { key: "mobile-1", quantity: "5" }),
  upon: "another subscription with the same key",
  operation: "createSubscription",
  request: { ...subscribing, body: { planId, quantity: "6" } },
  reply: { status: 422, body: problem("idempotency-key-reused") },
  uses: (api) => mobile.subscribe(api, "plan_1aZ", "6", "mobile-1"),
  sees: { problem: "idempotency-key-reused" },
});

expects({
  given: given("a subscription", { status: "active" }),
  upon: "my subscription",
  operation: "getSubscription",
  request: { path: { subscriptionId } },
  reply: {
    status: 200,
    headers: { ETag: etag() },
    body: { planId: anId("plan_1aZ"), quantity: decimal("2"), status: "active" },
  },
  uses: (api) => mobile.mySubscription(api, "sub_1aZ"),
  sees: { planId: "plan_1aZ", quantity: "2", status: "active", tag: '"1"' },
});

const upgrading = {
  path: { subscriptionId },
  body: { planId: provided("otherPlanId", "plan_2bY"), effectiveAt: "2026-01-16T10:00:00.000Z" },
};

expects({
  given: given("a subscription, and a plan to move to"),
  upon: "an upgrade",
  operation: "changeSubscription",
  request: { ...upgrading, headers: { "If-Match": provided("etag", '"1"') } },
  reply: {
    status: 200,
    body: { subscription: { planId: anId("plan_2bY") }, proration: { net: integer(2710), currency } },
  },
  uses: (api) => mobile.upgrade(api, "sub_1aZ", "plan_2bY", '"1"'),
  sees: { planId: "plan_2bY", due: "2710 EUR" },
});

expects({
  given: given("a subscription, and a plan to move to"),
  upon: "an upgrade of what has changed meanwhile",
  operation: "changeSubscription",
  request: { ...upgrading, headers: { "If-Match": '"long-ago"' } },
  reply: { status: 412, body: problem("precondition-failed") },
  uses: (api) => mobile.upgrade(api, "sub_1aZ", "plan_2bY", '"long-ago"'),
  sees: { problem: "precondition-failed" },
});

expects({
  given: given("a subscription", { status: "active" }),
  upon: "a cancellation",
  operation: "cancelSubscription",
  request: { path: { subscriptionId }, body: { mode: "period_end" } },
  reply: { status: 200, body: { status: "canceling", endsAt: time("2026-02-15T10:00:00.000Z") } },
  uses: (api) => mobile.cancel(api, "sub_1aZ"),
  sees: { status: "canceling", until: "2026-02-15T10:00:00.000Z" },
});

expects({
  given: given("a subscription", { status: "canceled" }),
  upon: "a cancellation of what is canceled",
  operation: "cancelSubscription",
  request: { path: { subscriptionId }, body: { mode: "period_end" } },
  reply: { status: 409, body: problem("conflict") },
  uses: (api) => mobile.cancel(api, "sub_1aZ"),
  sees: { problem: "conflict" },
});

expects({
  given: given("a subscription", { status: "canceling" }),
  upon: "a change of mind",
  operation: "resumeSubscription",
  request: { path: { subscriptionId } },
  reply: { status: 200, body: { status: "active" } },
  uses: (api) => mobile.resume(api, "sub_1aZ"),
  sees: { status: "active" },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "what is owed",
  operation: "getInvoice",
  request: { path: { invoiceId } },
  reply: { status: 200, body: { status: oneOf("open", "paid"), amountDue: money(5831) } },
  uses: (api) => mobile.owed(api, "inv_1aZ"),
  sees: { status: "open", due: 5831 },
});

const paying = {
  headers: { "Idempotency-Key": "mobile-2" },
  body: { invoiceId, amount: 1000, method: "tok_ok" },
};
const given1000 = { invoiceId: "inv_1aZ", amount: 1000, method: "tok_ok", key: "mobile-2" } as const;

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "a payment",
  operation: "createPayment",
  request: paying,
  reply: { status: 201, body: { id: anId("pay_1aZ"), status: "succeeded" } },
  uses: (api) => mobile.pay(api, given1000),
  sees: { id: "pay_1aZ", status: "succeeded", failureReason: undefined, again: undefined },
});

expects({
  given: given("a payment made with a key", { key: "mobile-2", unitPrice: "49", amount: 1000 }),
  upon: "a payment, sent again",
  operation: "createPayment",
  request: paying,
  reply: {
    status: 201,
    headers: { "Idempotency-Replayed": "true" },
    body: { id: anId("pay_1aZ"), status: "succeeded" },
  },
  uses: (api) => mobile.pay(api, given1000),
  sees: { id: "pay_1aZ", status: "succeeded", failureReason: undefined, again: "true" },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "a payment with a card that is declined",
  operation: "createPayment",
  request: { ...paying, body: { ...paying.body, method: "tok_declined" } },
  reply: { status: 201, body: { id: anId("pay_1aZ"), status: "failed", failureReason: "declined" } },
  uses: (api) => mobile.pay(api, { ...given1000, method: "tok_declined" }),
  sees: { id: "pay_1aZ", status: "failed", failureReason: "declined", again: undefined },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "a payment of more than is due",
  operation: "createPayment",
  request: { ...paying, body: { ...paying.body, amount: 9999 } },
  reply: { status: 422, body: problem("validation-failed") },
  uses: (api) => mobile.pay(api, { ...given1000, amount: 9999 }),
  sees: { problem: "validation-failed" },
});

expects({
  given: given("a payment", { unitPrice: "49", amount: 1000, method: "tok_ok" }),
  upon: "a receipt",
  operation: "getPayment",
  request: { path: { paymentId: provided("paymentId", "pay_1aZ") } },
  reply: { status: 200, body: { status: oneOf("succeeded", "failed"), amount: money(1000) } },
  uses: (api) => mobile.receipt(api, "pay_1aZ"),
  sees: { status: "succeeded", amount: 1000 },
});

const reported = {
  ...{ subscriptionId, meter: "api_calls" },
  quantity: "1.5",
  occurredAt: "2026-01-20T06:00:00.000Z",
};

expects({
  given: given("usage", {
    events: [{ eventId: "a", quantity: "1.5", occurredAt: "2026-01-20T06:00:00.000Z" }],
  }),
  upon: "new usage",
  operation: "recordUsage",
  request: { body: { ...reported, eventId: "b" } },
  reply: { status: 201, body: { id: anId("usg_1aZ") } },
  uses: (api) => mobile.report(api, "sub_1aZ", "b"),
  sees: { id: "usg_1aZ", known: false },
});

expects({
  given: given("usage", {
    events: [{ eventId: "a", quantity: "1.5", occurredAt: "2026-01-20T06:00:00.000Z" }],
  }),
  upon: "usage, reported again",
  operation: "recordUsage",
  request: { body: { ...reported, eventId: "a" } },
  reply: { status: 200, body: { id: anId("usg_1aZ") } },
  uses: (api) => mobile.report(api, "sub_1aZ", "a"),
  sees: { id: "usg_1aZ", known: true },
});

hears({
  given: given("a webhook that hears of", { event: "payment.failed" }),
  event: "payment.failed",
  body: {
    type: "payment.failed",
    data: { invoiceId: anId("inv_1aZ"), failureReason: oneOf("declined", "insufficient_funds") },
  },
  uses: mobile.failedPayment,
  sees: { open: "/invoices/inv_1aZ", text: "Payment failed: declined" },
});
