import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import { type Answer, caller, named, type Send, slug, type Tenant, tenant } from "./client.ts";

let aws: LocalAws;
let url: string;
let acme: Tenant;
let anyone: Send;

beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  url = aws.gatewayUrl;
  anyone = caller(url);
  acme = await tenant(url);
});
afterAll(() => aws?.close());

const account = { name: "Acme GmbH", email: "Ada@Example.com", currency: "EUR" };
const address = { line1: " Hauptstraße 1 ", city: "Berlin", postalCode: "10115", country: "DE" };

const expectProblem = (answer: Answer, status: number, type: string): void => {
  expect([answer.status, slug(answer)]).toEqual([status, type]);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.body.status).toBe(status);
};

describe("the gateway's side of every operation", () => {
  test("health", async () => {
    const { version } = await buildServerless();
    expect(await anyone("GET", "/health")).toMatchObject({ status: 200, body: { status: "ok", version } });
  });

  test.each(["/", "/nope", "/accounts/x/y", "/accounts/", "/plans/", "/usage", "/plans/x/quote/y"])(
    "%s is no path",
    async (path) => expectProblem(await acme.send("GET", path), 404, "not-found"),
  );

  test.each([
    ["GET", "/accounts", "POST"],
    ["HEAD", "/accounts", "POST"],
    ["DELETE", "/accounts/acc_1", "GET, PATCH"],
    ["OPTIONS", "/accounts/acc_1", "GET, PATCH"],
    ["PUT", "/accounts/acc_1/members", "GET, POST"],
    ["GET", "/accounts/acc_1/members/mem_1", "DELETE"],
    ["DELETE", "/plans", "GET, POST"],
    ["POST", "/plans/plan_1", "GET, PATCH"],
    ["GET", "/plans/plan_1/quote", "POST"],
    ["GET", "/plans/plan_1/archive", "POST"],
    ["HEAD", "/plans", "GET, POST"],
    ["PATCH", "/subscriptions/sub_1", "GET"],
    ["GET", "/subscriptions/sub_1/cancel", "POST"],
    ["POST", "/subscriptions/sub_1/usage-summary", "GET"],
    ["GET", "/usage/events/batch", "POST"],
    ["DELETE", "/refunds/ref_1", "GET"],
    ["PATCH", "/payments/pay_1", "GET"],
    ["POST", "/webhooks/whk_1", "GET, PATCH, DELETE"],
    ["PATCH", "/webhooks/whk_1/deliveries", "GET"],
  ])("%s %s is 405 before it is 401", async (method, path, allow) => {
    const answer = await anyone(method, path);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow]);
  });

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Bearer ck_unknown",
    `Bearer ck_${"a".repeat(40)}`,
    `Token ck_${"a".repeat(40)}`,
  ])("authorization %j is 401", async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await anyone("GET", `/accounts/${acme.id}`, { headers });
    expectProblem(answer, 401, "unauthorized");
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="cutover"');
  });

  test("the scheme has no case and may be followed by several spaces", async () => {
    const { body } = await anyone("POST", "/accounts", { body: account });
    for (const scheme of ["bearer ", "BEARER   "]) {
      const headers = { authorization: scheme + body.apiKey };
      expect((await anyone("GET", `/accounts/${body.account.id}`, { headers })).status).toBe(200);
    }
  });

  test("what is wrong first is what is answered", async () => {
    const big = { raw: `"${"a".repeat(262_143)}"`, type: "text/plain" };
    const path = "/accounts/acc_1";
    expectProblem(await anyone("PATCH", path, big), 401, "unauthorized");
    const { body } = await acme.send("POST", `/accounts/${acme.id}/members`, {
      body: { email: "reader@example.com", role: "member", scopes: ["accounts:read"] },
    });
    expectProblem(await caller(url, body.apiKey)("PATCH", path, big), 403, "forbidden");
    expectProblem(await acme.send("PATCH", path, big), 413, "payload-too-large");
    expectProblem(
      await acme.send("PATCH", path, { raw: "{", type: "application/json" }),
      415,
      "unsupported-media-type",
    );
    expectProblem(await acme.send("PATCH", path, { raw: "{" }), 400, "malformed-request");
    expectProblem(await acme.send("PATCH", path, { raw: "[]" }), 404, "not-found");
    expectProblem(await acme.send("PATCH", `/accounts/${acme.id}`, { raw: "[]" }), 422, "validation-failed");
    expectProblem(
      await acme.send("PATCH", `/accounts/${acme.id}`, { raw: "{}" }),
      428,
      "precondition-required",
    );
    expectProblem(
      await acme.send("PATCH", `/accounts/${acme.id}`, { raw: "{}", ifMatch: '"x"' }),
      412,
      "precondition-failed",
    );
  });

  test("exactly 262144 bytes are not too many", async () => {
    const raw = `{"name":"${"é".repeat(131_066)}" }`;
    expect(Buffer.byteLength(raw)).toBe(262_144);
    expectProblem(await anyone("POST", "/accounts", { raw }), 422, "validation-failed");
    expectProblem(await anyone("POST", "/accounts", { raw: `${raw} ` }), 413, "payload-too-large");
  });

  test.each(["", " ", "{", "{'a':1}", "{}x", "\ufeff{}", '{"a":1,}', "NaN"])(
    "body %j is 400",
    async (raw) => {
      expectProblem(await anyone("POST", "/accounts", { raw }), 400, "malformed-request");
    },
  );

  test("invalid UTF-8 is 400", async () => {
    const raw = Uint8Array.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]);
    expectProblem(await anyone("POST", "/accounts", { raw }), 400, "malformed-request");
  });

  test.each(["text/plain", "application/jsonx", "application/merge-patch+json", ""])(
    "media type %j is 415",
    async (type) =>
      expectProblem(await anyone("POST", "/accounts", { raw: "{}", type }), 415, "unsupported-media-type"),
  );

  test("media types have no case, and parameters do not matter", async () => {
    const type = "Application/JSON; charset=utf-8";
    expect((await anyone("POST", "/accounts", { body: account, type })).status).toBe(201);
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=", "limit"],
    ["limit=1.5", "limit"],
    ["limit=5&limit=5", "limit"],
    ["cursor=", "cursor"],
    ["cursor=a&cursor=b", "cursor"],
    ["nope=1", "nope"],
  ])("?%s is 400", async (query, parameter) => {
    const answer = await acme.send("GET", `/accounts/${acme.id}/members?${query}`);
    expectProblem(answer, 400, "malformed-request");
    expect(named(answer)).toEqual([parameter]);
  });

  test("an unknown cursor is 400 of its own type", async () => {
    const answer = await acme.send("GET", `/accounts/${acme.id}/members?cursor=abc`);
    expectProblem(answer, 400, "invalid-cursor");
  });

  test("operations without query parameters ignore the query, those without a body the body", async () => {
    expect((await acme.send("GET", `/accounts/${acme.id}?limit=0`)).status).toBe(200);
    expectProblem(
      await acme.send("POST", "/plans/plan_1/archive", { raw: "{", type: "text/plain" }),
      404,
      "not-found",
    );
  });
});

describe("accounts", () => {
  test("createAccount answers with account, owner and key, once", async () => {
    const created = await anyone("POST", "/accounts", {
      body: { ...account, billingAddress: address },
      headers: { authorization: "Bearer nonsense" },
    });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      account: {
        id: expect.stringMatching(/^acc_[A-Za-z0-9]{20,40}$/),
        ...account,
        billingAddress: address,
        taxRateBasisPoints: 0,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updatedAt: created.body.account.createdAt,
      },
      owner: {
        id: expect.stringMatching(/^mem_[A-Za-z0-9]{20,40}$/),
        email: account.email,
        role: "owner",
        scopes: expect.arrayContaining(["webhooks:write"]),
        createdAt: created.body.account.createdAt,
      },
      apiKey: expect.stringMatching(/^ck_[A-Za-z0-9]{32,}$/),
    });
    expect(created.body.owner.scopes).toHaveLength(14);
    expect(created.headers.get("location")).toBe(`/accounts/${created.body.account.id}`);
    const got = await caller(url, created.body.apiKey)("GET", `/accounts/${created.body.account.id}`);
    expect([got.status, got.body, got.etag]).toEqual([200, created.body.account, created.etag]);
  });

  test.each([
    [{}, ["/currency", "/email", "/name"]],
    [{ ...account, name: "" }, ["/name"]],
    [{ ...account, name: "x".repeat(121) }, ["/name"]],
    [{ ...account, name: "a\0" }, ["/name"]],
    [{ ...account, email: "nope", extra: 1, currency: "XXX" }, ["/currency", "/email", "/extra"]],
    [{ ...account, taxRateBasisPoints: 10_001 }, ["/taxRateBasisPoints"]],
    [{ ...account, taxRateBasisPoints: null }, ["/taxRateBasisPoints"]],
    [{ ...account, billingAddress: null }, ["/billingAddress"]],
    [
      { ...account, billingAddress: { line1: "x", country: "de", zip: 1 } },
      [
        "/billingAddress/city",
        "/billingAddress/country",
        "/billingAddress/postalCode",
        "/billingAddress/zip",
      ],
    ],
    [[], [""]],
    [null, [""]],
  ])("createAccount refuses %j", async (body, pointers) => {
    const answer = await anyone("POST", "/accounts", { raw: JSON.stringify(body) });
    expectProblem(answer, 422, "validation-failed");
    expect(named(answer)).toEqual(pointers);
  });

  test("a lone surrogate is 422, an astral character one character", async () => {
    expectProblem(
      await anyone("POST", "/accounts", { raw: JSON.stringify({ ...account, name: "\ud800" }) }),
      422,
      "validation-failed",
    );
    const name = "😀".repeat(120);
    expect((await anyone("POST", "/accounts", { body: { ...account, name } })).body.account.name).toBe(name);
  });

  test("the last of repeated members counts, and 1e2 is an integer", async () => {
    const raw = `{"name":"a","email":"a@b.co","currency":"EUR","taxRateBasisPoints":1e2,"name":"b"}`;
    expect((await anyone("POST", "/accounts", { raw })).body.account).toMatchObject({
      name: "b",
      taxRateBasisPoints: 100,
    });
  });

  test("updateAccount patches, and changes nothing when nothing changes", async () => {
    const { id, send, etag } = await tenant(url);
    const path = `/accounts/${id}`;
    const first = await send("PATCH", path, {
      body: { billingAddress: { ...address, line2: "x" } },
      ifMatch: etag,
    });
    expect([first.status, first.body.billingAddress]).toEqual([200, { ...address, line2: "x" }]);
    expect(first.etag).not.toBe(etag);
    const same = await send("PATCH", path, {
      body: { billingAddress: { city: "Berlin" } },
      ifMatch: first.etag,
    });
    expect([same.etag, same.body]).toEqual([first.etag, first.body]);
    const empty = await send("PATCH", path, { body: {}, ifMatch: `"other", ${first.etag}` });
    expect([empty.etag, empty.body]).toEqual([first.etag, first.body]);
    const merged = await send("PATCH", path, { body: { billingAddress: { line2: null } }, ifMatch: "*" });
    expect(merged.body.billingAddress).toEqual(address);
    const removed = await send("PATCH", path, {
      body: { billingAddress: null, name: "N" },
      ifMatch: merged.etag,
    });
    expect(removed.body).not.toHaveProperty("billingAddress");
    expect((await send("GET", path)).body).toEqual(removed.body);
    expectProblem(await send("PATCH", path, { body: {}, ifMatch: merged.etag }), 412, "precondition-failed");
    expectProblem(
      await send("PATCH", path, { body: {}, ifMatch: `W/${removed.etag}` }),
      412,
      "precondition-failed",
    );
    const bad = await send("PATCH", path, {
      body: { name: null, taxRateBasisPoints: null, id: 1, billingAddress: { line1: null, x: 1 } },
    });
    expect([bad.status, named(bad)]).toEqual([
      422,
      ["/billingAddress/line1", "/billingAddress/x", "/id", "/name", "/taxRateBasisPoints"],
    ]);
    const half = await send("PATCH", path, { body: { billingAddress: { city: "C" } } });
    expect([half.status, named(half)]).toEqual([
      422,
      ["/billingAddress/country", "/billingAddress/line1", "/billingAddress/postalCode"],
    ]);
  });

  test("of concurrent updates with one ETag exactly one wins", async () => {
    const { id, send, etag } = await tenant(url);
    let ifMatch = etag;
    for (let round = 0; round < 8; round++) {
      const updates = Array.from({ length: 5 }, (_, i) =>
        send("PATCH", `/accounts/${id}`, { body: { name: `${round}.${i}` }, ifMatch }),
      );
      const answers = await Promise.all(updates);
      expect(answers.map((a) => a.status).sort()).toEqual([200, 412, 412, 412, 412]);
      ifMatch = answers.find((a) => a.status === 200)?.etag ?? "";
    }
  });

  test("another account is 404", async () => {
    const other = await tenant(url);
    for (const path of [
      `/accounts/${other.id}`,
      "/accounts/x",
      `/accounts/${"x".repeat(2000)}`,
      "/accounts/%00",
    ])
      expectProblem(await acme.send("GET", path), 404, "not-found");
  });
});

describe("members", () => {
  const invite = (of: Tenant, body: object) => of.send("POST", `/accounts/${of.id}/members`, { body });

  test("are invited, listed in order, page by page, and removed", async () => {
    const of = await tenant(url);
    const path = `/accounts/${of.id}/members`;
    const ids = [of.ownerId];
    for (let i = 0; i < 4; i++) {
      const { status, body } = await invite(of, {
        email: `m${i}@b.co`,
        role: "member",
        scopes: ["usage:read", "accounts:read"],
      });
      expect([status, body.member.scopes, body.member.role]).toEqual([
        201,
        ["accounts:read", "usage:read"],
        "member",
      ]);
      ids.push(body.member.id);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await of.send("GET", `${path}?limit=2${cursor ? `&cursor=${cursor}` : ""}`);
      seen.push(...page.body.items.map((m: { id: string }) => m.id));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(ids);
    expect((await of.send("GET", `${path}?limit=5`)).body).not.toHaveProperty("nextCursor");
    const { nextCursor } = (await of.send("GET", `${path}?limit=1`)).body;
    expectProblem(await of.send("GET", `/plans?cursor=${nextCursor}`), 400, "invalid-cursor");
    const other = await tenant(url);
    expectProblem(
      await other.send("GET", `/accounts/${other.id}/members?cursor=${nextCursor}`),
      400,
      "invalid-cursor",
    );

    expect((await of.send("DELETE", `${path}/${ids[1]}`)).status).toBe(204);
    expectProblem(await of.send("DELETE", `${path}/${ids[1]}`), 404, "not-found");
    expect((await invite(of, { email: "M0@B.co", role: "owner" })).status).toBe(201);
  });

  test.each([
    [{ email: "a@b.co", role: "member" }, ["/scopes"]],
    [{ email: "a@b.co", role: "owner", scopes: ["usage:read"] }, ["/scopes"]],
    [{ email: "a@b.co", role: "member", scopes: [] }, ["/scopes"]],
    [{ email: "a@b.co", role: "member", scopes: ["usage:read", "usage:read"] }, ["/scopes"]],
    [{ email: "a@b.co", role: "member", scopes: ["usage:all"] }, ["/scopes/0"]],
    [{ role: "admin" }, ["/email", "/role"]],
  ])("inviteMember refuses %j", async (body, pointers) => {
    const answer = await invite(acme, body);
    expectProblem(answer, 422, "validation-failed");
    expect(named(answer)).toEqual(pointers);
  });

  test("an address belongs to one member only, whatever its case, also in a race", async () => {
    expectProblem(await invite(acme, { email: "ADA@example.COM", role: "owner" }), 409, "conflict");
    const emails = ["race@b.co", "Race@b.co", "RACE@b.co", "race@B.co", "rAce@b.co"];
    const answers = await Promise.all(emails.map((email) => invite(acme, { email, role: "owner" })));
    expect(answers.map((a) => a.status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  test("a removed member's key is dead at once", async () => {
    const of = await tenant(url);
    const { body } = await invite(of, { email: "x@b.co", role: "member", scopes: ["accounts:read"] });
    const send = caller(url, body.apiKey);
    expect((await send("GET", `/accounts/${of.id}`)).status).toBe(200);
    expectProblem(await send("GET", "/plans"), 403, "forbidden");
    expect((await of.send("DELETE", `/accounts/${of.id}/members/${body.member.id}`)).status).toBe(204);
    expectProblem(await send("GET", `/accounts/${of.id}`), 401, "unauthorized");
  });

  test("the last owner stays, also when two owners remove each other at once", async () => {
    const of = await tenant(url);
    const path = `/accounts/${of.id}/members`;
    expectProblem(await of.send("DELETE", `${path}/${of.ownerId}`), 409, "conflict");
    for (let round = 0; round < 3; round++) {
      const two = await tenant(url);
      const { body } = await invite(two, { email: "second@b.co", role: "owner" });
      const base = `/accounts/${two.id}/members`;
      const second = caller(url, body.apiKey);
      const statuses = await Promise.all([
        two.send("DELETE", `${base}/${body.member.id}`),
        second("DELETE", `${base}/${two.ownerId}`),
      ]);
      const codes = statuses.map((a) => a.status).sort();
      expect([
        [204, 401],
        [204, 409],
      ]).toContainEqual(codes);
      const left = statuses[0]?.status === 204 ? two.send : second;
      expect((await left("GET", base)).body.items).toHaveLength(1);
    }
  });
});
