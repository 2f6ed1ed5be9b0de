import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import { addLine, draft, openInvoice, pay, type World, world } from "./billing.ts";
import { type Answer, named, newKey, slug } from "./client.ts";

vi.setConfig({ testTimeout: 90_000 }); // each may start dozens of processes

let aws: LocalAws;
let acme: World;
beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  acme = await world(aws.gatewayUrl);
});
afterAll(() => aws?.close());

const read = async (id: string) => acme.must(200, "GET", `/invoices/${id}`);
const refund = (paymentId: string, body: object, key = newKey()) =>
  acme.send("POST", `/payments/${paymentId}/refunds`, { body, key });

describe("createPayment", () => {
  test("in parts until it is paid", async () => {
    const { body: invoice, etag } = await openInvoice(acme);
    const first = await pay(acme, invoice.id, 1000);
    expect(first.body).toEqual({
      id: expect.stringMatching(/^pay_/),
      invoiceId: invoice.id,
      amount: 1000,
      currency: "EUR",
      method: "tok_ok",
      status: "succeeded",
      refundedAmount: 0,
      createdAt: expect.any(String),
    });
    expect([first.status, first.headers.get("location")]).toEqual([201, `/payments/${first.body.id}`]);
    expect((await acme.must(200, "GET", `/payments/${first.body.id}`)).body).toEqual(first.body);
    const partly = await read(invoice.id);
    expect(partly.body).toMatchObject({ status: "open", amountPaid: 1000, amountDue: 190, total: 1190 });
    expect(partly.etag).not.toBe(etag);
    const tooMuch = await pay(acme, invoice.id, 191);
    expect([tooMuch.status, named(tooMuch)]).toEqual([422, ["/amount"]]);
    expect((await pay(acme, invoice.id, 190)).status).toBe(201);
    expect((await read(invoice.id)).body).toMatchObject({ status: "paid", amountPaid: 1190, amountDue: 0 });
    expect((await pay(acme, invoice.id, 9999)).status).toBe(409);
    await acme.must(409, "POST", `/invoices/${invoice.id}/void`);
  });

  test.each([
    ["tok_declined", "declined"],
    ["tok_insufficient_funds", "insufficient_funds"],
  ])("%s fails, is kept, and leaves the invoice alone", async (method, failureReason) => {
    const { body: invoice, etag } = await openInvoice(acme);
    const key = newKey();
    const failed = await pay(acme, invoice.id, 1190, { method }, key);
    expect([failed.status, failed.body]).toMatchObject([
      201,
      { status: "failed", failureReason, refundedAmount: 0 },
    ]);
    const again = await pay(acme, invoice.id, 1190, { method }, key);
    expect([again.body, again.headers.get("idempotency-replayed")]).toEqual([failed.body, "true"]);
    expect(await read(invoice.id)).toMatchObject({ etag, body: invoice });
    expect((await refund(failed.body.id, { amount: 1 })).status).toBe(409);
    expect((await pay(acme, invoice.id, 1191, { method })).status).toBe(422);
    expect(
      (await acme.must(200, "GET", `/payments?invoiceId=${invoice.id}&status=failed`)).body.items,
    ).toEqual([failed.body]);
  });

  test("refusals", async () => {
    const invoice = await addLine(acme, await draft(acme));
    expect((await pay(acme, invoice.body.id, 1)).status).toBe(409);
    expect(named(await pay(acme, "inv_none", 1))).toEqual(["/invoiceId"]);
    expect(named(await pay(acme, "x", 0, { method: "cash", z: 1 }))).toEqual([
      "/amount",
      "/invoiceId",
      "/method",
      "/z",
    ]);
    expect(named(await pay(acme, "inv_none", 2 ** 53))).toEqual(["/amount"]);
    expect((await acme.send("POST", "/payments", { body: {} })).status).toBe(400);
    await acme.must(404, "GET", "/payments/pay_none");
    await acme.must(404, "GET", "/payments/ref_1");
  });

  test("at once, the full amount many times: one succeeds", async () => {
    const { body: invoice } = await openInvoice(acme);
    const answers = await Promise.all(Array.from({ length: 6 }, () => pay(acme, invoice.id, 1190)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.every((status) => [201, 409, 422].includes(status))).toBe(true);
    expect((await read(invoice.id)).body).toMatchObject({ status: "paid", amountPaid: 1190 });
    expect((await acme.must(200, "GET", `/payments?invoiceId=${invoice.id}`)).body.items).toHaveLength(1);
  });

  test("at once, in parts: never more than the total", async () => {
    const { body: invoice } = await openInvoice(acme);
    const answers = await Promise.all(Array.from({ length: 6 }, () => pay(acme, invoice.id, 400)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect((await read(invoice.id)).body).toMatchObject({ status: "open", amountPaid: 800 });
  });

  test("at once under one key: one payment, one answer", async () => {
    const { body: invoice } = await openInvoice(acme);
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 5 }, () => pay(acme, invoice.id, 100, {}, key)));
    const made = answers.filter(({ status }) => status === 201);
    const busy = answers.filter((answer) => slug(answer) === "idempotency-in-progress");
    expect(made.length + busy.length).toBe(5);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    expect((await read(invoice.id)).body.amountPaid).toBe(100);
  });

  test("void and payment at once: one wins", async () => {
    for (let n = 0; n < 4; n++) {
      const { body: invoice } = await openInvoice(acme);
      const [paid, voided] = await Promise.all([
        pay(acme, invoice.id, 1190),
        acme.send("POST", `/invoices/${invoice.id}/void`),
      ]);
      const { status } = (await read(invoice.id)).body;
      expect([paid.status, voided.status, status]).toEqual(
        status === "paid" ? [201, 409, "paid"] : [409, 200, "void"],
      );
    }
  });
});

describe("refunds", () => {
  let payment: Answer;
  beforeAll(async () => {
    payment = await pay(acme, (await openInvoice(acme)).body.id, 1190);
  });

  test("in parts, up to the payment; the invoice stays", async () => {
    const id = payment.body.id;
    const before = await read(payment.body.invoiceId);
    const first = await refund(id, { amount: 1000, reason: "Two seats too many" });
    expect(first.body).toEqual({
      id: expect.stringMatching(/^ref_/),
      paymentId: id,
      amount: 1000,
      currency: "EUR",
      status: "succeeded",
      reason: "Two seats too many",
      createdAt: expect.any(String),
    });
    expect([first.status, first.headers.get("location")]).toEqual([201, `/refunds/${first.body.id}`]);
    expect((await refund(id, { amount: 191 })).status).toBe(409);
    const second = await refund(id, { amount: 190 });
    expect((await acme.must(200, "GET", `/payments/${id}`)).body).toEqual({
      ...payment.body,
      refundedAmount: 1190,
    });
    expect(await read(payment.body.invoiceId)).toMatchObject({ etag: before.etag, body: before.body });
    expect((await acme.must(200, "GET", `/payments/${id}/refunds`)).body).toEqual({
      items: [first.body, second.body],
    });
    const page = await acme.must(200, "GET", `/payments/${id}/refunds?limit=1`);
    const rest = await acme.must(
      200,
      "GET",
      `/payments/${id}/refunds?limit=1&cursor=${page.body.nextCursor}`,
    );
    expect([page.body.items, rest.body]).toEqual([[first.body], { items: [second.body] }]);
    expect((await acme.must(200, "GET", `/refunds/${first.body.id}`)).body).toEqual(first.body);
  });

  test("refusals", async () => {
    expect((await refund("pay_none", { amount: "x" })).status).toBe(404);
    expect(named(await refund(payment.body.id, { amount: 0, reason: "", y: 1 }))).toEqual([
      "/amount",
      "/reason",
      "/y",
    ]);
    await acme.must(404, "GET", "/payments/pay_none/refunds");
    await acme.must(404, "GET", "/refunds/ref_none");
    await acme.must(400, "GET", `/payments/${payment.body.id}/refunds?x=1`);
  });

  test("at once: never more than the payment", async () => {
    const other = await pay(acme, (await openInvoice(acme)).body.id, 1000);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => refund(other.body.id, { amount: 400 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    expect((await acme.must(200, "GET", `/payments/${other.body.id}`)).body.refundedAmount).toBe(800);
  });
});
