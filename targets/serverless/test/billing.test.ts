import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import { type Answer, named, newKey, slug, type Tenant, tenant } from "./client.ts";

let aws: LocalAws;
let url: string;
let acme: Tenant;

beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  url = aws.gatewayUrl;
  acme = await tenant(url, { taxRateBasisPoints: 1900 });
});
afterAll(() => aws?.close());

const flat = { name: "Team", interval: "month", pricing: { model: "flat", amount: 4900 } };
const graduated = {
  name: "API",
  interval: "month",
  meter: "api_calls",
  pricing: { model: "graduated", tiers: [{ upTo: "1000.0", unitPrice: "0.00" }, { unitPrice: "0.0020" }] },
};

const expectProblem = (answer: Answer, status: number, type: string, pointers?: readonly string[]): void => {
  expect([answer.status, slug(answer)]).toEqual([status, type]);
  if (pointers) expect(named(answer)).toEqual(pointers);
};

const plan = async (of: Tenant, body: object = flat): Promise<Answer> => {
  const answer = await of.send("POST", "/plans", { body });
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  return answer;
};

const subscribe = async (of: Tenant, body: object): Promise<Answer> => {
  const answer = await of.send("POST", "/subscriptions", { body, key: newKey() });
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  return answer;
};

const pages = async (of: Tenant, path: string): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await of.send("GET", `${path}${path.includes("?") ? "&" : "?"}limit=2${cursor}`);
    ids.push(...body.items.map((item: { id: string }) => item.id));
    if (body.nextCursor === undefined) return ids;
    cursor = `&cursor=${body.nextCursor}`;
  }
};

describe("catalog", () => {
  test("a plan comes back as it was sent, decimals canonical", async () => {
    const created = await plan(acme, { ...graduated, description: "d", currency: "JPY" });
    expect(created.body).toEqual({
      ...graduated,
      description: "d",
      currency: "JPY",
      pricing: { model: "graduated", tiers: [{ upTo: "1000", unitPrice: "0" }, { unitPrice: "0.002" }] },
      id: expect.stringMatching(/^plan_[A-Za-z0-9]{20,40}$/),
      status: "active",
      createdAt: expect.any(String),
      updatedAt: created.body.createdAt,
    });
    expect(created.headers.get("location")).toBe(`/plans/${created.body.id}`);
    const got = await acme.send("GET", `/plans/${created.body.id}`);
    expect([got.status, got.body, got.etag]).toEqual([200, created.body, created.etag]);
    expect((await plan(acme)).body.currency).toBe("EUR");
  });

  test.each([
    [{}, ["/interval", "/name", "/pricing"]],
    [{ ...flat, meter: "m" }, ["/meter"]],
    [{ ...flat, pricing: { amount: 1 } }, ["/pricing/model"]],
    [{ ...flat, pricing: { model: "other", x: 1 } }, ["/pricing/model"]],
    [{ ...flat, pricing: { model: "per_unit", amount: 1 } }, ["/pricing/amount", "/pricing/unitPrice"]],
    [{ ...flat, pricing: { model: "flat", amount: 9_007_199_254_740_992 } }, ["/pricing/amount"]],
    [{ ...flat, pricing: { model: "graduated", tiers: [] } }, ["/pricing/tiers"]],
    [
      { ...flat, pricing: { model: "graduated", tiers: [{ upTo: "1", unitPrice: "1" }] } },
      ["/pricing/tiers/0/upTo"],
    ],
    [
      {
        ...flat,
        pricing: {
          model: "graduated",
          tiers: [
            { unitPrice: "1" },
            { upTo: "5", unitPrice: "1" },
            { upTo: "5.0", unitPrice: "x" },
            { unitPrice: "1", y: 1 },
          ],
        },
      },
      ["/pricing/tiers/0/upTo", "/pricing/tiers/2/unitPrice", "/pricing/tiers/2/upTo", "/pricing/tiers/3/y"],
    ],
    [
      {
        ...flat,
        pricing: { model: "graduated", tiers: [{ upTo: "0", unitPrice: "1" }, { unitPrice: "1" }] },
      },
      ["/pricing/tiers/0/upTo"],
    ],
    [{ ...flat, description: "", interval: "week", meter: "A" }, ["/description", "/interval", "/meter"]],
  ])("createPlan refuses %j", async (body, pointers) => {
    expectProblem(await acme.send("POST", "/plans", { body }), 422, "validation-failed", pointers);
  });

  test("updatePlan merges, then looks at the whole", async () => {
    const { body, etag } = await plan(acme, { ...flat, description: "d" });
    const path = `/plans/${body.id}`;
    const patch = (change: unknown, ifMatch = "*") => acme.send("PATCH", path, { body: change, ifMatch });
    const same = await patch(
      { name: "Team", description: "d", pricing: { amount: 4900, tiers: null } },
      etag,
    );
    expect([same.status, same.etag, same.body]).toEqual([200, etag, body]);
    expectProblem(await patch({ pricing: { model: "per_unit" } }), 422, "validation-failed", [
      "/pricing/amount",
      "/pricing/unitPrice",
    ]);
    expectProblem(await patch({ pricing: { unitPrice: "1" } }), 422, "validation-failed", [
      "/pricing/unitPrice",
    ]);
    expectProblem(
      await patch({ pricing: null, name: null, currency: "EUR", x: null }),
      422,
      "validation-failed",
      ["/currency", "/name", "/pricing", "/x"],
    );
    expectProblem(await patch({ pricing: { model: null, amount: -1 } }), 422, "validation-failed", [
      "/pricing/amount",
      "/pricing/model",
    ]);
    const changed = await patch(
      { description: null, pricing: { model: "per_unit", unitPrice: "12.50", amount: null } },
      etag,
    );
    expect([changed.status, changed.body.pricing]).toEqual([200, { model: "per_unit", unitPrice: "12.5" }]);
    expect(changed.body).not.toHaveProperty("description");
    expect((await patch({ pricing: { unitPrice: "12.500" } }, changed.etag)).etag).toBe(changed.etag);
    expectProblem(await patch({}, etag), 412, "precondition-failed");
    expectProblem(await acme.send("PATCH", path, { body: {} }), 428, "precondition-required");
    expectProblem(await acme.send("PATCH", "/plans/plan_none", { body: [] }), 404, "not-found");
    const metered = await plan(acme, graduated);
    for (const [pricing, pointers] of [
      [{ model: "flat", amount: 1, tiers: null }, ["/pricing/model"]],
      [{ model: "flat", amount: 1 }, ["/pricing/model", "/pricing/tiers"]],
    ] as const)
      expectProblem(
        await acme.send("PATCH", `/plans/${metered.body.id}`, { body: { pricing } }),
        422,
        "validation-failed",
        pointers,
      );
  });

  test("an archived plan takes no update, can be read and quoted, and is archived once", async () => {
    const { body, etag } = await plan(acme);
    const path = `/plans/${body.id}`;
    const answers = await Promise.all([1, 2, 3].map(() => acme.send("POST", `${path}/archive`)));
    expect(answers.map((a) => a.status).sort()).toEqual([200, 409, 409]);
    const archived = answers.find((a) => a.status === 200);
    expect([archived?.body.status, archived?.etag === etag]).toEqual(["archived", false]);
    expect((await acme.send("GET", path)).body).toEqual(archived?.body);
    expectProblem(await acme.send("PATCH", path, { body: {}, ifMatch: "*" }), 409, "conflict");
    expectProblem(await acme.send("PATCH", path, { body: {}, ifMatch: etag }), 412, "precondition-failed");
    expect((await acme.send("POST", `${path}/quote`, { body: { quantity: "2" } })).body).toEqual({
      planId: body.id,
      currency: "EUR",
      quantity: "2",
      taxRateBasisPoints: 1900,
      lines: [{ quantity: "1", unitPrice: "49", amount: 4900, taxAmount: 931 }],
      subtotal: 4900,
      tax: 931,
      total: 5831,
    });
  });

  test("quotePlan refuses what is no quantity or makes too much", async () => {
    const { body } = await plan(acme, {
      ...flat,
      pricing: { model: "per_unit", unitPrice: "999999999999999999" },
    });
    const quote = (of: unknown) => acme.send("POST", `/plans/${body.id}/quote`, { body: of });
    expectProblem(await quote({ quantity: "100" }), 422, "validation-failed", ["/quantity"]);
    expectProblem(await quote({ quantity: 1, more: 1 }), 422, "validation-failed", ["/more", "/quantity"]);
    expectProblem(await acme.send("POST", "/plans/nope/quote", { body: {} }), 404, "not-found");
  });

  test("plans are listed in order, filtered, page by page", async () => {
    const of = await tenant(url);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await plan(of)).body.id);
    await of.send("POST", `/plans/${ids[1]}/archive`);
    await of.send("POST", `/plans/${ids[4]}/archive`);
    expect(await pages(of, "/plans")).toEqual(ids);
    expect(await pages(of, "/plans?status=active")).toEqual([ids[0], ids[2], ids[3]]);
    expect(await pages(of, "/plans?status=archived")).toEqual([ids[1], ids[4]]);
    const { nextCursor } = (await of.send("GET", "/plans?limit=1&status=active")).body;
    expect((await of.send("GET", `/plans?limit=2&status=active&cursor=${nextCursor}`)).status).toBe(200);
    expectProblem(await of.send("GET", `/plans?limit=1&cursor=${nextCursor}`), 400, "invalid-cursor");
    expectProblem(await of.send("GET", `/plans?status=archived&cursor=${nextCursor}`), 400, "invalid-cursor");
    expectProblem(await of.send("GET", "/plans?status=gone"), 400, "malformed-request", ["status"]);
    expect((await acme.send("GET", `/plans/${ids[0]}`)).status).toBe(404);
  });
});

describe("subscriptions", () => {
  test("createSubscription fills in what is not said", async () => {
    const { body: of } = await plan(acme);
    const created = await subscribe(acme, { planId: of.id });
    expect(created.body).toEqual({
      id: expect.stringMatching(/^sub_[A-Za-z0-9]{20,40}$/),
      planId: of.id,
      quantity: "1",
      status: "active",
      startsAt: created.body.createdAt,
      createdAt: expect.any(String),
      updatedAt: created.body.createdAt,
    });
    expect(created.headers.get("location")).toBe(`/subscriptions/${created.body.id}`);
    const got = await acme.send("GET", `/subscriptions/${created.body.id}`);
    expect([got.body, got.etag]).toEqual([created.body, created.etag]);
    const full = await subscribe(acme, {
      planId: of.id,
      quantity: "5.50",
      startsAt: "2026-01-31T10:30:00+01:00",
    });
    expect(full.body).toMatchObject({ quantity: "5.5", startsAt: "2026-01-31T09:30:00.000Z" });
  });

  test("createSubscription refuses", async () => {
    const send = (body: unknown, key: string | undefined = newKey()) =>
      acme.send("POST", "/subscriptions", { body, ...(key !== "" && { key }) });
    expectProblem(await send({}, ""), 400, "malformed-request", ["Idempotency-Key"]);
    expectProblem(await send({}, "a b"), 400, "malformed-request", ["Idempotency-Key"]);
    expectProblem(await send({}, "a".repeat(129)), 400, "malformed-request", ["Idempotency-Key"]);
    expectProblem(await send({}), 422, "validation-failed", ["/planId"]);
    expectProblem(await send({ planId: "plan_none" }), 422, "validation-failed", ["/planId"]);
    expectProblem(
      await send({ planId: "plan_none", quantity: "-1", startsAt: "2999-01-01T00:00:00Z" }),
      422,
      "validation-failed",
      ["/quantity", "/startsAt"],
    );
    const other = await tenant(url);
    expectProblem(await send({ planId: (await plan(other)).body.id }), 422, "validation-failed", ["/planId"]);
    const { body } = await plan(acme);
    await acme.send("POST", `/plans/${body.id}/archive`);
    expectProblem(await send({ planId: body.id }), 409, "conflict");
  });

  test("the same key answers the same, another request is refused, errors free the key", async () => {
    const { body: of } = await plan(acme);
    const key = newKey();
    const send = (raw: string, ifMatch?: string) =>
      acme.send("POST", "/subscriptions", { raw, key, ...(ifMatch && { ifMatch }) });
    expect((await send(`{"planId":"${of.id}","quantity":"x"}`)).status).toBe(422);
    const first = await send(`{"planId":"${of.id}","quantity":"2"}`);
    expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
    const again = await send(` {"quantity":"2", "planId":"${of.id}"}`, '"x"');
    expect([again.status, again.body, again.etag, again.headers.get("location")]).toEqual([
      201,
      first.body,
      first.etag,
      first.headers.get("location"),
    ]);
    expect([again.headers.get("idempotency-replayed"), again.headers.get("content-type")]).toEqual([
      "true",
      "application/json",
    ]);
    expectProblem(await send(`{"planId":"${of.id}","quantity":"2.0"}`), 422, "idempotency-key-reused");
    expectProblem(await send("[[[1]]]"), 422, "idempotency-key-reused");
    expectProblem(await send("["), 400, "malformed-request");
    const other = await tenant(url);
    const theirs = (await plan(other)).body.id;
    expect((await other.send("POST", "/subscriptions", { body: { planId: theirs }, key })).status).toBe(201);
  });

  test("of requests with one key at once, one happens", async () => {
    const of = await tenant(url);
    const { body } = await plan(of);
    for (let round = 0; round < 3; round++) {
      const key = newKey();
      const answers = await Promise.all(
        Array.from({ length: 6 }, () =>
          of.send("POST", "/subscriptions", { body: { planId: body.id }, key }),
        ),
      );
      const created = answers.filter((a) => a.status === 201);
      for (const other of answers.filter((a) => a.status !== 201))
        expectProblem(other, 409, "idempotency-in-progress");
      expect(new Set(created.map((a) => a.body.id)).size).toBe(1);
      expect(created.filter((a) => a.headers.get("idempotency-replayed") === null)).toHaveLength(1);
    }
    expect(await pages(of, "/subscriptions")).toHaveLength(3);
  });

  test("a deeply nested body is a bad body, not a crash", async () => {
    const raw = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expectProblem(
      await acme.send("POST", "/subscriptions", { raw, key: newKey() }),
      422,
      "validation-failed",
      [""],
    );
    const nested = `{"planId":${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}}`;
    expectProblem(
      await acme.send("POST", "/subscriptions", { raw: nested, key: newKey() }),
      422,
      "validation-failed",
      ["/planId"],
    );
  });

  test("are listed newest first, filtered, page by page", async () => {
    const of = await tenant(url);
    const [a, b] = [(await plan(of)).body.id, (await plan(of)).body.id];
    const ids: string[] = [];
    for (const planId of [a, b, a, a]) ids.unshift((await subscribe(of, { planId })).body.id);
    await of.send("POST", `/subscriptions/${ids[0]}/cancel`, { body: { mode: "now" } });
    expect(await pages(of, "/subscriptions")).toEqual(ids);
    expect(await pages(of, `/subscriptions?planId=${a}`)).toEqual([ids[0], ids[1], ids[3]]);
    expect(await pages(of, `/subscriptions?planId=${a}&status=active`)).toEqual([ids[1], ids[3]]);
    expect(await pages(of, "/subscriptions?planId=plan_none")).toEqual([]);
    expectProblem(await of.send("GET", "/subscriptions?planId=none&status=x"), 400, "malformed-request", [
      "planId",
      "status",
    ]);
  });

  const subscriptions = parse(
    readFileSync(new URL("../../../openapi/subscriptions.yaml", import.meta.url), "utf8"),
  );
  const vectors = subscriptions.paths["/subscriptions/{subscriptionId}/change"].post["x-vectors"];

  // biome-ignore lint/suspicious/noExplicitAny: as the document has them
  test.each(vectors as any[])("changeSubscription $id", async ({ given, want }) => {
    const { interval, currency, meter } = given;
    const of = (pricing: object) =>
      plan(acme, { name: "P", interval, currency, pricing, ...(meter && { meter }) });
    const [before, after] = [await of(given.oldPricing), await of(given.newPricing)];
    const { body, etag } = await subscribe(acme, {
      planId: before.body.id,
      quantity: given.oldQuantity,
      startsAt: given.startsAt,
    });
    const changed = await acme.send("POST", `/subscriptions/${body.id}/change`, {
      body: { planId: after.body.id, quantity: given.newQuantity, effectiveAt: given.effectiveAt },
      ifMatch: etag,
    });
    expect([changed.status, changed.body.proration]).toEqual([
      200,
      expect.objectContaining({ ...want, currency }),
    ]);
    expect(changed.body.subscription).toMatchObject({ planId: after.body.id, quantity: given.newQuantity });
  });

  test("changeSubscription refuses, and keeps what does not change", async () => {
    const [from, to] = [
      (await plan(acme)).body.id,
      (await plan(acme, { ...flat, pricing: { model: "per_unit", unitPrice: "1" } })).body.id,
    ];
    const other = (await plan(acme, { ...flat, currency: "USD" })).body.id;
    const yearly = (await plan(acme, { ...flat, interval: "year" })).body.id;
    const { body, etag } = await subscribe(acme, { planId: from, startsAt: "2026-01-31T00:00:00Z" });
    const path = `/subscriptions/${body.id}/change`;
    const change = (of: unknown, ifMatch: string | undefined = etag) =>
      acme.send("POST", path, { body: of, ...(ifMatch !== "" && { ifMatch }) });
    expectProblem(await change({}), 422, "validation-failed", [""]);
    expectProblem(await change({ effectiveAt: "x", more: 1 }), 422, "validation-failed", [
      "",
      "/effectiveAt",
      "/more",
    ]);
    for (const planId of [other, yearly, "plan_none"])
      expectProblem(await change({ planId, effectiveAt: "2026-01-30T00:00:00Z" }), 422, "validation-failed", [
        "/effectiveAt",
        "/planId",
      ]);
    expectProblem(await change({ planId: to, quantity: "999999999999999999" }), 422, "validation-failed", [
      "/quantity",
    ]);
    expectProblem(await change({ quantity: "2" }, ""), 428, "precondition-required");
    expectProblem(await change({ quantity: "2" }, '"no"'), 412, "precondition-failed");
    expectProblem(await acme.send("POST", "/subscriptions/sub_none/change", { body: [] }), 404, "not-found");
    const same = await change({ planId: from, quantity: "1.0" });
    expect([same.etag, same.body.subscription]).toEqual([etag, body]);
    expect(same.body.proration).toMatchObject({ net: 0, charge: same.body.proration.credit });
    await acme.send("POST", `/plans/${from}/archive`);
    await acme.send("POST", `/plans/${to}/archive`);
    expectProblem(await change({ planId: to }), 409, "conflict");
    const stays = await change({ planId: from, quantity: "3" });
    expect([stays.status, stays.body.subscription.quantity]).toEqual([200, "3"]);
    expect(stays.etag).not.toBe(etag);
    await acme.send("POST", `/subscriptions/${body.id}/cancel`, { body: { mode: "now" } });
    expectProblem(await change({ quantity: "4" }, "*"), 409, "conflict");
  });

  test("cancel and resume follow the states", async () => {
    const { body: of } = await plan(acme);
    const startsAt = "2999-01-01T00:00:00Z".replace("2999", "2998");
    const { body, etag } = await subscribe(acme, { planId: of.id, startsAt });
    const path = `/subscriptions/${body.id}`;
    const cancel = (mode: unknown) => acme.send("POST", `${path}/cancel`, { body: { mode } });
    expectProblem(await cancel("later"), 422, "validation-failed", ["/mode"]);
    expectProblem(await acme.send("POST", `${path}/resume`), 409, "conflict");
    const canceling = await cancel("period_end");
    expect(canceling.body).toMatchObject({ status: "canceling", endsAt: "2998-02-01T00:00:00.000Z" });
    expect(canceling.body).not.toHaveProperty("canceledAt");
    expectProblem(await cancel("now"), 409, "conflict");
    const resumed = await acme.send("POST", `${path}/resume`);
    expect(resumed.body).toEqual({ ...body, updatedAt: resumed.body.updatedAt });
    expect(new Set([etag, canceling.etag, resumed.etag]).size).toBe(3);
    const answers = await Promise.all(["now", "now", "period_end"].map(cancel));
    expect(answers.map((a) => a.status).sort()).toEqual([200, 409, 409]);
    const { body: after } = await acme.send("GET", path);
    expect(after).toEqual(answers.find((a) => a.status === 200)?.body);
    if (after.status === "canceled") expect(after.canceledAt).toBe(after.endsAt);
    expectProblem(await acme.send("POST", "/subscriptions/x/cancel", { body: {} }), 404, "not-found");
    expectProblem(await acme.send("POST", "/subscriptions/x/resume"), 404, "not-found");
  });
});
