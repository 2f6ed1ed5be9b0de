import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "./operations.ts";
import { type Monolith, startMonolith } from "./start.ts";
import { type Client, clientOf, newAccount, send } from "./testing/client.ts";

let monolith: Monolith;
let call: Client;
let powerless: Client;
const ids: Record<string, string> = {};
beforeAll(async () => {
  monolith = await startMonolith();
  call = await newAccount(monolith.url);
  // A scope nobody is refused for here: every operation but listMembers is out of this key's reach.
  const invited = await call("POST", `/accounts/${call.accountId}/members`, {
    email: "grace@example.com",
    role: "member",
    scopes: ["accounts:read"],
  });
  powerless = clientOf(monolith.url, call.accountId, invited.body.apiKey);
  ids.accountId = call.accountId;
});
afterAll(() => monolith.close());

const pathOf = (template: string, id = "none") =>
  template.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name] ?? id);
const guarded = operations.filter(({ scope }) => scope !== undefined);
const withBody = operations.filter(({ body }) => body !== undefined);
const base = () => monolith.url;

test("there are 42 operations, each once", () => {
  expect(new Set(operations.map(({ id }) => id)).size).toBe(42);
  expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(42);
});

describe("the order of checks", () => {
  test.each(guarded)("$id: 401 and 403 before anything in the request", async ({ method, path, scope }) => {
    const body = method === "GET" ? undefined : "{";
    const stranger = await send(base(), method, `${pathOf(path)}?limit=0`, body);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("WWW-Authenticate")).toBe('Bearer realm="cutover"');
    if (scope === "accounts:read") return;
    expect((await powerless(method, `${pathOf(path)}?limit=0`, body)).status).toBe(403);
  });

  test.each(withBody)("$id: 413, then 415, then 400", async ({ method, path, body: type = "" }) => {
    const sent = (body: string, contentType: string) =>
      call(method, `${pathOf(path)}?x=1`, body, { "Content-Type": contentType, "Idempotency-Key": "" });
    expect((await sent("x".repeat(262_145), "text/plain")).status).toBe(413);
    expect((await sent("x", "text/plain")).status).toBe(415);
    expect(
      (await sent("x", type === "application/json" ? "application/merge-patch+json" : "application/json"))
        .status,
    ).toBe(415);
    expect((await sent("{", `${type.toUpperCase()} ; a="b;c"`)).body.type).toMatch(/malformed-request$/);
    expect((await sent("", type)).status).toBe(400);
  });

  test.each(operations.filter(({ idempotent }) => idempotent))(
    "$id: 400 without a key, before 404",
    async (op) => {
      for (const key of ["", "a b", "ü", "x".repeat(129)]) {
        const { status, body } = await call(op.method, pathOf(op.path), {}, { "Idempotency-Key": key });
        expect([status, body.errors?.[0].parameter]).toEqual([400, "Idempotency-Key"]);
      }
    },
  );

  test.each(operations.filter(({ query }) => query !== undefined))(
    "$id: 400 for its query, before 404",
    async (op) => {
      const { status, body } = await call("GET", `${pathOf(op.path)}?nothing=1&limit=`);
      expect(status).toBe(400);
      expect(body.errors.map((each: { parameter: string }) => each.parameter)).toEqual(
        expect.arrayContaining(["nothing", "limit"]),
      );
    },
  );

  test.each(operations.filter(({ path }) => path.includes("{")))(
    "$id: 404 for any id, before 422 and 428",
    async (op) => {
      const query =
        op.id === "getUsageSummary"
          ? "?meter=m&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&granularity=day"
          : "";
      const other = await newAccount(monolith.url);
      for (const id of ["none", "%00", "a%2Fb", "x".repeat(300), "%F0%9F%98%80"]) {
        const { status, body } = await other(
          op.method,
          pathOf(op.path, id) + query,
          op.body && { unknown: 1 },
        );
        expect([status, body?.type]).toEqual([404, "https://cutover.example/problems/not-found"]);
      }
    },
  );
});

describe("routes", () => {
  test.each([...new Set(operations.map(({ path }) => path))])(
    "%s allows what is documented",
    async (path) => {
      const allow = operations
        .filter((op) => op.path === path)
        .map(({ method }) => method)
        .sort()
        .join(", ");
      for (const method of ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "GET", "POST", "PROPFIND"]) {
        if (allow.split(", ").includes(method)) continue;
        const response = await fetch(base() + pathOf(path), { method });
        expect([method, response.status, response.headers.get("Allow")]).toEqual([method, 405, allow]);
      }
      expect((await send(base(), "GET", `${pathOf(path)}/`)).status).toBe(404);
    },
  );

  test.each(["/", "/nothing", "/Accounts", "//accounts", "/accounts//members", "/plans/%zz", "/usage"])(
    "%s is nowhere",
    async (path) => expect((await send(base(), "GET", path)).status).toBe(404),
  );
});

test("health needs no key and names what runs", async () => {
  const { status, body } = await send(base(), "GET", "/health");
  expect([status, body]).toEqual([200, { status: "ok", version: monolith.version }]);
});

test("invalid UTF-8 is no JSON, and the media type of a reply is exact", async () => {
  const response = await fetch(`${base()}/accounts`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: new Uint8Array([0x22, 0xff, 0x22]),
  });
  expect([response.status, response.headers.get("Content-Type")]).toEqual([400, "application/problem+json"]);
});
