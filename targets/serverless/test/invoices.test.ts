import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import {
  addLine,
  draft,
  finalize,
  metered,
  periodEnd,
  seats,
  settled,
  startsAt,
  usage,
  type World,
  world,
} from "./billing.ts";
import { named, newKey, slug, tenant } from "./client.ts";

vi.setConfig({ testTimeout: 90_000 }); // each may start dozens of processes

let aws: LocalAws;
let acme: World;
beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  acme = await world(aws.gatewayUrl);
});
afterAll(() => aws?.close());

const document = parse(readFileSync(new URL("../../../openapi/invoices.yaml", import.meta.url), "utf8"));

describe("draftInvoice", () => {
  test("a draft without lines, of the stated period", async () => {
    const made = await draft(acme, { memo: " Purchase order " });
    expect(made.body).toEqual({
      id: expect.stringMatching(/^inv_/),
      subscriptionId: acme.subscriptionId,
      status: "draft",
      currency: "EUR",
      taxRateBasisPoints: 1900,
      periodStart: startsAt,
      periodEnd,
      memo: " Purchase order ",
      lines: [],
      subtotal: 0,
      tax: 0,
      total: 0,
      amountPaid: 0,
      amountDue: 0,
      createdAt: expect.any(String),
      updatedAt: made.body.createdAt,
    });
    expect(made.headers.get("location")).toBe(`/invoices/${made.body.id}`);
    const read = await acme.must(200, "GET", `/invoices/${made.body.id}`);
    expect([read.body, read.etag]).toEqual([made.body, made.etag]);
  });

  test("by default the period now; refusals point at the member", async () => {
    const send = (body: object) => acme.send("POST", "/invoices", { body, key: newKey() });
    const { body } = await send({ subscriptionId: acme.subscriptionId });
    const now = new Date().toISOString();
    expect(body.periodStart <= now && now < body.periodEnd).toBe(true);
    expect(named(await send({}))).toEqual(["/subscriptionId"]);
    expect(named(await send({ subscriptionId: "sub_none", periodStart: "2026-02-01T00:00:00Z" }))).toEqual([
      "/subscriptionId",
    ]);
    expect(named(await send({ subscriptionId: 1, memo: "", periodStart: "x", y: 1 }))).toEqual([
      "/memo",
      "/periodStart",
      "/subscriptionId",
      "/y",
    ]);
    expect((await acme.send("POST", "/invoices", { body: {} })).status).toBe(400);
  });

  test("the period vectors of the document", async () => {
    const { must, send } = await tenant(aws.gatewayUrl).then((t) => ({ ...t, must: t.send }));
    const plans = new Map<string, string>();
    for (const interval of ["month", "year"])
      plans.set(interval, (await must("POST", "/plans", { body: { ...seats, interval } })).body.id);
    for (const { id, given, want } of document.paths["/invoices"].post["x-vectors"]) {
      const body = { planId: plans.get(given.interval), startsAt: given.startsAt };
      const subscription = await send("POST", "/subscriptions", { body, key: newKey() });
      const answer = await send("POST", "/invoices", {
        body: { subscriptionId: subscription.body.id, periodStart: given.periodStart },
        key: newKey(),
      });
      if (want.status) expect([id, answer.status, named(answer)]).toEqual([id, want.status, [want.pointer]]);
      else expect([id, answer.body]).toMatchObject([id, want]);
    }
  });
});

describe("addInvoiceLine", () => {
  test("the line vectors of the document", async () => {
    for (const { id, given, want } of document.paths["/invoices/{invoiceId}/lines"].post["x-vectors"]) {
      const { currency, taxRateBasisPoints, quantity, unitPrice } = given;
      const { send } = await tenant(aws.gatewayUrl, { currency, taxRateBasisPoints });
      const plan = await send("POST", "/plans", { body: seats });
      const subscription = await send("POST", "/subscriptions", {
        body: { planId: plan.body.id },
        key: newKey(),
      });
      const invoice = await send("POST", "/invoices", {
        body: { subscriptionId: subscription.body.id },
        key: newKey(),
      });
      const answer = await send("POST", `/invoices/${invoice.body.id}/lines`, {
        body: { description: "d", quantity, unitPrice },
        ifMatch: invoice.etag,
        key: newKey(),
      });
      if (want.status) expect([id, answer.status, named(answer)]).toEqual([id, want.status, [want.pointer]]);
      else expect([id, answer.body.lines]).toMatchObject([id, [want]]);
    }
  });

  test("checks in the documented order", async () => {
    const invoice = await draft(acme);
    const path = `/invoices/${invoice.body.id}/lines`;
    const body = { description: "Support", quantity: "1.50", unitPrice: "0" };
    const post = (more: object) => acme.send("POST", path, { body, key: newKey(), ...more });
    expect((await acme.send("POST", path, { body })).status).toBe(400);
    expect((await acme.send("POST", "/invoices/inv_none/lines", { body: {}, key: newKey() })).status).toBe(
      404,
    );
    expect(named(await post({ body: { description: "", quantity: "-1" } }))).toEqual([
      "/description",
      "/quantity",
      "/unitPrice",
    ]);
    expect((await post({})).status).toBe(428);
    expect((await post({ ifMatch: 'W/"v1"' })).status).toBe(412);
    const added = await post({ ifMatch: invoice.etag });
    expect([added.status, added.body.lines[0].quantity]).toEqual([201, "1.5"]);
    expect((await post({ ifMatch: invoice.etag })).status).toBe(412);
    expect((await post({ ifMatch: "*" })).body.lines).toHaveLength(2);
    await acme.must(200, "POST", `/invoices/${invoice.body.id}/void`);
    expect((await post({ ifMatch: "*" })).status).toBe(409);
  });

  test("a hundred lines and no more; a key adds its line once", async () => {
    let invoice = await draft(acme);
    const key = newKey();
    const path = `/invoices/${invoice.body.id}/lines`;
    const request = {
      body: { description: "x", quantity: "1", unitPrice: "0.01" },
      ifMatch: invoice.etag,
      key,
    };
    const first = await acme.must(201, "POST", path, request);
    const again = await acme.must(201, "POST", path, request);
    expect([again.body, again.etag, again.headers.get("idempotency-replayed")]).toEqual([
      first.body,
      first.etag,
      "true",
    ]);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(
      slug(await acme.send("POST", path, { ...request, body: { ...request.body, quantity: "2" } })),
    ).toBe("idempotency-key-reused");
    invoice = first;
    for (let n = 1; n < 100; n++) invoice = await addLine(acme, invoice, { unitPrice: "0.01" });
    expect(invoice.body).toMatchObject({ subtotal: 100, tax: 0, total: 100, amountDue: 100 });
    expect((await acme.send("POST", path, { ...request, ifMatch: invoice.etag, key: newKey() })).status).toBe(
      409,
    );
  });

  test("of two at once under one tag one wins", async () => {
    const invoice = await draft(acme);
    const post = () =>
      acme.send("POST", `/invoices/${invoice.body.id}/lines`, {
        body: { description: "x", quantity: "1", unitPrice: "1" },
        ifMatch: invoice.etag,
        key: newKey(),
      });
    const statuses = (await Promise.all([post(), post(), post()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 412, 412]);
  });
});

describe("finalizeInvoice", () => {
  test("usage in tiers, manual lines first, events claimed", async () => {
    const w = await world(aws.gatewayUrl);
    const events = [
      usage(w.subscriptionId, { quantity: "9.5", occurredAt: startsAt }),
      usage(w.subscriptionId, { quantity: "2.75" }),
      usage(w.subscriptionId, { quantity: "100", occurredAt: periodEnd }),
      usage(w.subscriptionId, { quantity: "100", meter: "other" }),
    ];
    const { body } = await w.must(200, "POST", "/usage/events/batch", { body: { events } });
    const invoice = await addLine(w, await draft(w));
    const started = await w.must(202, "POST", `/invoices/${invoice.body.id}/finalize`, { key: newKey() });
    expect(started.body).toEqual({ ...invoice.body, status: "finalizing", updatedAt: expect.any(String) });
    expect([started.headers.get("location"), started.headers.get("retry-after")]).toEqual([
      `/invoices/${invoice.body.id}`,
      "1",
    ]);
    const open = await settled(w, invoice.body.id);
    expect(open.body).toEqual({
      ...invoice.body,
      status: "open",
      number: 1,
      lines: [
        invoice.body.lines[0],
        {
          id: expect.any(String),
          kind: "usage",
          description: metered.name,
          quantity: "10",
          unitPrice: "1",
          amount: 1000,
          taxAmount: 190,
        },
        {
          id: expect.any(String),
          kind: "usage",
          description: metered.name,
          quantity: "2.25",
          unitPrice: "0.5",
          amount: 112,
          taxAmount: 21,
        },
      ],
      subtotal: 2112,
      tax: 401,
      total: 2513,
      amountDue: 2513,
      updatedAt: expect.any(String),
      finalizedAt: expect.any(String),
    });
    expect(open.etag).not.toBe(started.etag);
    const read = await Promise.all(
      body.items.map(({ event }: { event: { id: string } }) => w.send("GET", `/usage/events/${event.id}`)),
    );
    expect(read.map((each) => each.body.invoiceId)).toEqual([
      invoice.body.id,
      invoice.body.id,
      undefined,
      undefined,
    ]);
    expect((await w.send("DELETE", `/usage/events/${read[0].body.id}`)).status).toBe(409);
    await w.must(204, "DELETE", `/usage/events/${read[2].body.id}`);

    const second = await finalize(w, (await draft(w)).body.id);
    expect(second.body).toMatchObject({ status: "failed", failureReason: "nothing_to_bill" });
    expect(second.body.number).toBeUndefined();

    await w.must(200, "POST", `/invoices/${invoice.body.id}/void`);
    expect((await w.send("GET", `/usage/events/${read[0].body.id}`)).body.invoiceId).toBeUndefined();
    await w.must(204, "DELETE", `/usage/events/${read[0].body.id}`);
    const third = await finalize(w, second.body.id);
    expect(third.body).toMatchObject({
      status: "open",
      number: 2,
      lines: [{ quantity: "2.75" }],
    });
    expect(third.body).not.toHaveProperty("failureReason");
  });

  test("a period's fee is billed once, and again when its invoice is void", async () => {
    const w = await world(aws.gatewayUrl, seats, { quantity: "3" });
    const first = await finalize(w, (await draft(w)).body.id);
    expect(first.body).toMatchObject({
      status: "open",
      number: 1,
      lines: [{ kind: "recurring", description: "Team", quantity: "3", unitPrice: "49", amount: 14_700 }],
    });
    expect((await finalize(w, (await draft(w)).body.id)).body.status).toBe("failed");
    const withLine = await finalize(w, (await addLine(w, await draft(w))).body.id);
    expect(withLine.body).toMatchObject({ status: "open", number: 2, subtotal: 1000 });
    const voided = await w.must(200, "POST", `/invoices/${first.body.id}/void`);
    expect(voided.body).toEqual({ ...first.body, status: "void", updatedAt: expect.any(String) });
    await w.must(200, "POST", `/invoices/${withLine.body.id}/void`);
    expect((await finalize(w, (await draft(w)).body.id)).body).toMatchObject({
      status: "open",
      number: 3,
      subtotal: 14_700,
    });
  });

  test("nothing due is paid at once; too much is a failure that claims nothing", async () => {
    const free = await world(aws.gatewayUrl, { ...metered, pricing: { model: "per_unit", unitPrice: "0" } });
    await free.must(201, "POST", "/usage/events", { body: usage(free.subscriptionId) });
    expect((await finalize(free, (await draft(free)).body.id)).body).toMatchObject({
      status: "paid",
      number: 1,
      total: 0,
    });
    expect((await free.send("POST", `/invoices/${(await draft(free)).body.id}/void`)).status).toBe(200);

    const dear = await world(aws.gatewayUrl, {
      ...metered,
      pricing: { model: "per_unit", unitPrice: "90071992547409.91" },
    });
    const event = await dear.must(201, "POST", "/usage/events", { body: usage(dear.subscriptionId) });
    const invoice = await addLine(dear, await draft(dear));
    const failed = await finalize(dear, invoice.body.id);
    expect(failed.body).toEqual({
      ...invoice.body,
      status: "failed",
      failureReason: "amount_too_large",
      updatedAt: expect.any(String),
    });
    expect((await dear.must(200, "GET", `/usage/events/${event.body.id}`)).body.invoiceId).toBeUndefined();
    await dear.must(204, "DELETE", `/usage/events/${event.body.id}`);
    expect((await finalize(dear, invoice.body.id)).body).toMatchObject({
      status: "open",
      number: 1,
      total: 1190,
    });
  });

  test("more events than fit into a transaction", async () => {
    const w = await world(aws.gatewayUrl);
    const all: { id: string }[] = [];
    for (let page = 0; page < 3; page++) {
      const events = Array.from({ length: 100 }, (_, i) =>
        usage(w.subscriptionId, { quantity: `0.${page}${i}` }),
      );
      const { body } = await w.must(200, "POST", "/usage/events/batch", { body: { events } });
      all.push(...body.items.map((item: { event: { id: string } }) => item.event));
    }
    const summary = await w.must(
      200,
      "GET",
      `/subscriptions/${w.subscriptionId}/usage-summary?meter=calls&from=${startsAt}&to=${periodEnd}&granularity=month`,
    );
    const invoice = await finalize(w, (await draft(w)).body.id);
    const billed = invoice.body.lines.reduce(
      (sum: number, line: { quantity: string }) => sum + Number(line.quantity),
      0,
    );
    expect(billed).toBeCloseTo(Number(summary.body.total), 6);
    const claimed = async () => {
      let [count, cursor] = [0, ""];
      do {
        const { body } = await w.must(200, "GET", `/usage/events?limit=100${cursor && `&cursor=${cursor}`}`);
        count += body.items.filter(
          (event: { invoiceId?: string }) => event.invoiceId === invoice.body.id,
        ).length;
        cursor = body.nextCursor ?? "";
      } while (cursor);
      return count;
    };
    expect(await claimed()).toBe(300);
    await w.must(200, "POST", `/invoices/${invoice.body.id}/void`);
    expect(await claimed()).toBe(0);
  });

  test("states, keys and paths", async () => {
    const [one, two] = [await draft(acme), await draft(acme)];
    const key = newKey();
    const path = `/invoices/${one.body.id}/finalize`;
    expect((await acme.send("POST", path)).status).toBe(400);
    const first = await acme.must(202, "POST", path, { key });
    const again = await acme.must(202, "POST", path, { key });
    expect([again.body, again.etag, again.headers.get("retry-after")]).toEqual([first.body, first.etag, "1"]);
    expect(slug(await acme.send("POST", `/invoices/${two.body.id}/finalize`, { key }))).toBe(
      "idempotency-key-reused",
    );
    expect((await acme.send("POST", "/invoices/inv_none/finalize", { key: newKey() })).status).toBe(404);
    await settled(acme, one.body.id);
    await acme.must(200, "POST", `/invoices/${two.body.id}/void`);
    await acme.must(409, "POST", `/invoices/${two.body.id}/void`);
    await acme.must(409, "POST", `/invoices/${two.body.id}/finalize`, { key: newKey() });
    await acme.must(404, "POST", "/invoices/number/void");
  });
});

test("listInvoices: newest first, filters combine, pages are exact", async () => {
  const w = await world(aws.gatewayUrl);
  const made: string[] = [];
  for (let n = 0; n < 5; n++) made.unshift((await draft(w)).body.id);
  await w.must(200, "POST", `/invoices/${made[1]}/void`);
  const list = async (query: string) => {
    const { body } = await w.must(200, "GET", `/invoices?${query}`);
    return { ids: body.items.map(({ id }: { id: string }) => id), next: body.nextCursor };
  };
  expect((await list("")).ids).toEqual(made);
  expect((await list("status=void")).ids).toEqual([made[1]]);
  expect((await list(`status=draft&subscriptionId=${w.subscriptionId}`)).ids).toEqual(
    made.filter((_, i) => i !== 1),
  );
  const first = await list("limit=2&status=draft");
  expect(first.ids).toEqual([made[0], made[2]]);
  await draft(w);
  const second = await list(`limit=2&status=draft&cursor=${first.next}`);
  expect([second.ids, second.next]).toEqual([[made[3], made[4]], undefined]);
});
