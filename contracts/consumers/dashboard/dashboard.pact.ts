import { given } from "../../states/catalogue.ts";
import { consumer } from "../consumer.ts";
import {
  anId,
  decimal,
  eachLike,
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
import * as dashboard from "./dashboard.ts";

const { expects } = consumer("dashboard");

const currency = like("^[A-Z]{3}$", "EUR");
const accountId = provided("accountId", "acc_1aZ");
const planId = provided("planId", "plan_1aZ");
const subscriptionId = provided("subscriptionId", "sub_1aZ");
const invoiceId = provided("invoiceId", "inv_1aZ");
const paymentId = provided("paymentId", "pay_1aZ");
const problem = (slug: string) => ({ type: problemType(slug) });

expects({
  given: given("an account"),
  upon: "the account of who is logged in",
  operation: "getAccount",
  request: { path: { accountId } },
  reply: { status: 200, body: { name: string("Acme GmbH"), currency } },
  uses: (api) => dashboard.header(api, "acc_1aZ"),
  sees: { title: "Acme GmbH", currency: "EUR" },
});

expects({
  given: given("an account"),
  upon: "the account without a key",
  operation: "getAccount",
  request: { path: { accountId }, key: "none" },
  reply: {
    status: 401,
    headers: { "WWW-Authenticate": like("^Bearer.*", "Bearer") },
    body: problem("unauthorized"),
  },
  uses: (api) => dashboard.header(api, "acc_1aZ"),
  sees: { problem: "unauthorized", login: true },
});

expects({
  given: given("a member with some scopes", { scopes: ["invoices:read"] }),
  upon: "the members of the account",
  operation: "listMembers",
  request: { path: { accountId } },
  reply: {
    status: 200,
    body: {
      items: eachLike({
        email: like("^.+@.+$", "ada@acme.example"),
        role: oneOf("owner", "member"),
        scopes: eachLike(like("^[a-z]+:(read|write)$", "invoices:read")),
      }),
    },
  },
  uses: (api) => dashboard.team(api, "acc_1aZ"),
  sees: [{ email: "ada@acme.example", role: "owner", mayRead: true }],
});

expects({
  given: given("plans", { active: 2, archived: 1 }),
  upon: "the active plans",
  operation: "listPlans",
  request: { query: { status: "active" } },
  reply: {
    status: 200,
    body: {
      items: eachLike({
        id: anId("plan_1aZ"),
        name: string("Team"),
        interval: oneOf("month", "year"),
        currency,
        status: exactly("active"),
      }),
    },
  },
  uses: (api) => dashboard.priceList(api),
  sees: [{ id: "plan_1aZ", currency: "EUR", label: "Team (month, active)" }],
});

expects({
  given: given("an account"),
  upon: "more plans with a cursor that is none",
  operation: "listPlans",
  request: { query: { cursor: "bookmarked-long-ago" } },
  reply: { status: 400, body: problem("invalid-cursor") },
  uses: (api) => dashboard.morePlans(api, "bookmarked-long-ago"),
  sees: "invalid-cursor",
});

expects({
  given: given("a plan", { unitPrice: "0.25" }),
  upon: "a plan",
  operation: "getPlan",
  request: { path: { planId } },
  reply: {
    status: 200,
    body: { name: string("Team"), pricing: { model: "per_unit", unitPrice: decimal("0.25") } },
  },
  uses: (api) => dashboard.planCard(api, "plan_1aZ"),
  sees: { name: "Team", price: "0.25" },
});

expects({
  given: given("an account"),
  upon: "a plan that is not there",
  operation: "getPlan",
  request: { path: { planId: "plan_none" } },
  reply: { status: 404, body: problem("not-found") },
  uses: (api) => dashboard.planCard(api, "plan_none"),
  sees: { problem: "not-found" },
});

expects({
  given: given("a plan", { unitPrice: "0.25" }),
  upon: "a quote",
  operation: "quotePlan",
  request: { path: { planId }, body: { quantity: "10" } },
  reply: {
    status: 200,
    body: {
      currency,
      subtotal: money(250),
      tax: money(48),
      total: money(298),
      lines: eachLike({ quantity: decimal("10"), unitPrice: decimal("0.25"), amount: money(250) }),
    },
  },
  uses: (api) => dashboard.priceOf(api, "plan_1aZ", "10"),
  sees: { net: "250 EUR", tax: "48 EUR", gross: "298 EUR", lines: ["10 × 0.25 = 250"] },
});

expects({
  given: given("a subscription", { status: "active" }),
  upon: "the active subscriptions",
  operation: "listSubscriptions",
  request: { query: { status: "active" } },
  reply: {
    status: 200,
    body: {
      items: eachLike({
        id: anId("sub_1aZ"),
        planId: anId("plan_1aZ"),
        quantity: decimal("2"),
        status: exactly("active"),
        startsAt: time("2026-01-15T10:00:00.000Z"),
      }),
    },
  },
  uses: (api) => dashboard.subscriptions(api, "active"),
  sees: [{ id: "sub_1aZ", planId: "plan_1aZ", quantity: "2", since: "active since 2026-01-15" }],
});

expects({
  given: given("a subscription", { status: "canceling" }),
  upon: "a subscription that will end",
  operation: "getSubscription",
  request: { path: { subscriptionId } },
  reply: { status: 200, body: { status: "canceling", endsAt: time("2026-02-15T10:00:00.000Z") } },
  uses: (api) => dashboard.subscriptionCard(api, "sub_1aZ"),
  sees: { status: "canceling", ends: "2026-02-15" },
});

const invoiceRows = eachLike({
  id: anId("inv_1aZ"),
  status: oneOf("draft", "finalizing", "open", "paid", "failed", "void"),
  total: money(0),
  currency,
});

expects({
  given: given("draft invoices", { count: 3, limit: 2 }),
  upon: "the first page of invoices",
  operation: "listInvoices",
  request: { query: { subscriptionId, limit: "2" } },
  reply: { status: 200, body: { items: invoiceRows, nextCursor: string("eyJrIjoxfQ") } },
  uses: (api) => dashboard.invoicePage(api, { subscriptionId: "sub_1aZ", limit: 2 }),
  sees: { rows: [{ id: "inv_1aZ", status: "draft", total: "0 EUR" }], next: "eyJrIjoxfQ" },
});

expects({
  given: given("draft invoices", { count: 3, limit: 2 }),
  upon: "the second page of invoices",
  operation: "listInvoices",
  request: { query: { subscriptionId, limit: "2", cursor: provided("cursor", "eyJrIjoxfQ") } },
  reply: { status: 200, body: { items: invoiceRows } },
  uses: (api) => dashboard.invoicePage(api, { subscriptionId: "sub_1aZ", limit: 2, cursor: "eyJrIjoxfQ" }),
  sees: { rows: [{ id: "inv_1aZ", status: "draft", total: "0 EUR" }], next: undefined },
});

expects({
  given: given("a member with some scopes", { scopes: ["catalog:read"] }),
  upon: "invoices with a key that may not read them",
  operation: "listInvoices",
  request: { query: { subscriptionId: "sub_none", limit: "2" }, key: "member" },
  reply: { status: 403, body: problem("forbidden") },
  uses: (api) => dashboard.invoicePage(api, { subscriptionId: "sub_none", limit: 2 }),
  sees: { problem: "forbidden" },
});

expects({
  given: given("an open invoice", { unitPrice: "49" }),
  upon: "an open invoice",
  operation: "getInvoice",
  request: { path: { invoiceId } },
  reply: {
    status: 200,
    body: {
      number: integer(1),
      status: "open",
      currency,
      lines: eachLike({ description: string("Support"), amount: money(4900) }),
      subtotal: money(4900),
      tax: money(931),
      total: money(5831),
      amountDue: money(5831),
      finalizedAt: time("2026-02-28T10:02:01.250Z"),
    },
  },
  uses: (api) => dashboard.invoiceView(api, "inv_1aZ"),
  sees: {
    title: "Invoice 1, open",
    dated: "2026-02-28",
    rows: ["Support: 4900 EUR"],
    sums: ["4900 EUR", "931 EUR", "5831 EUR", "5831 EUR"],
  },
});

expects({
  given: given("an account"),
  upon: "an invoice that is not there",
  operation: "getInvoice",
  request: { path: { invoiceId: "inv_none" } },
  reply: { status: 404, body: problem("not-found") },
  uses: (api) => dashboard.invoiceView(api, "inv_none"),
  sees: { problem: "not-found" },
});

expects({
  given: given("a payment", { unitPrice: "49", amount: 1000, method: "tok_ok" }),
  upon: "the payments of an invoice",
  operation: "listPayments",
  request: { query: { invoiceId } },
  reply: {
    status: 200,
    body: {
      items: eachLike({
        id: anId("pay_1aZ"),
        status: oneOf("succeeded", "failed"),
        amount: money(1000),
        currency,
        createdAt: time("2026-02-28T10:02:01.250Z"),
      }),
    },
  },
  uses: (api) => dashboard.paymentsOf(api, "inv_1aZ"),
  sees: [{ id: "pay_1aZ", status: "succeeded", paid: "1000 EUR on 2026-02-28" }],
});

expects({
  given: given("a refund", { unitPrice: "49", amount: 1000, refunded: 400 }),
  upon: "a payment of which some was given back",
  operation: "getPayment",
  request: { path: { paymentId } },
  reply: { status: 200, body: { amount: money(1000), refundedAmount: money(400), status: "succeeded" } },
  uses: (api) => dashboard.paymentView(api, "pay_1aZ"),
  sees: { kept: 600, status: "succeeded" },
});

expects({
  given: given("a refund", { unitPrice: "49", amount: 1000, refunded: 400 }),
  upon: "the refunds of a payment",
  operation: "listRefunds",
  request: { path: { paymentId } },
  reply: {
    status: 200,
    body: { items: eachLike({ amount: money(400), currency, reason: string("Two seats too many") }) },
  },
  uses: (api) => dashboard.refundsOf(api, "pay_1aZ"),
  sees: ["400 EUR: Two seats too many"],
});

const usage = given("usage", {
  events: [
    { eventId: "a", quantity: "1.5", occurredAt: "2026-01-20T06:00:00.000Z" },
    { eventId: "b", quantity: "2", occurredAt: "2026-01-21T06:00:00.000Z" },
  ],
});

expects({
  given: usage,
  upon: "usage by day",
  operation: "getUsageSummary",
  request: {
    path: { subscriptionId },
    query: {
      meter: "api_calls",
      from: "2026-01-20T00:00:00Z",
      to: "2026-01-22T00:00:00Z",
      granularity: "day",
    },
  },
  reply: {
    status: 200,
    body: {
      buckets: eachLike({ start: time("2026-01-20T00:00:00.000Z"), quantity: decimal("1.5") }),
      total: decimal("3.5"),
      count: integer(2),
    },
  },
  uses: (api) =>
    dashboard.usageChart(api, "sub_1aZ", {
      from: "2026-01-20T00:00:00Z",
      to: "2026-01-22T00:00:00Z",
      granularity: "day",
    }),
  sees: { bars: ["2026-01-20 1.5"], total: "3.5", count: 2 },
});

expects({
  given: usage,
  upon: "usage of a range that ends before it begins",
  operation: "getUsageSummary",
  request: {
    path: { subscriptionId },
    query: {
      meter: "api_calls",
      from: "2026-01-22T00:00:00Z",
      to: "2026-01-20T00:00:00Z",
      granularity: "day",
    },
  },
  reply: { status: 400, body: problem("malformed-request") },
  uses: (api) =>
    dashboard.usageChart(api, "sub_1aZ", {
      from: "2026-01-22T00:00:00Z",
      to: "2026-01-20T00:00:00Z",
      granularity: "day",
    }),
  sees: { problem: "malformed-request" },
});

expects({
  given: usage,
  upon: "the usage events of a subscription",
  operation: "listUsageEvents",
  request: { query: { subscriptionId } },
  reply: {
    status: 200,
    body: {
      items: eachLike({
        meter: string("api_calls"),
        quantity: decimal("1.5"),
        occurredAt: time("2026-01-20T06:00:00.000Z"),
      }),
    },
  },
  uses: (api) => dashboard.usageLog(api, "sub_1aZ"),
  sees: ["2026-01-20T06:00:00.000Z 1.5 api_calls"],
});
