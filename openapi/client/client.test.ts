import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { operations } from "../generated/index.ts";
import { bundledModel } from "../model/index.ts";
import { createClient, expectStatus, toCurl, UnexpectedReply } from "./index.ts";

const model = bundledModel();
const account = {
  id: "acc_1a",
  name: "Acme",
  email: "ada@example.com",
  currency: "EUR",
  taxRateBasisPoints: 0,
  createdAt: "2026-01-31T09:30:00.000Z",
  updatedAt: "2026-01-31T09:30:00.000Z",
};

type Handler = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void;
let handler: Handler = () => {};
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => handler(request, Buffer.concat(chunks), response));
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** Answers with this, and keeps what was asked. */
function answer(status: number, headers: Record<string, string>, body: string | Buffer) {
  const asked: {
    method?: string | undefined;
    url?: string | undefined;
    headers: IncomingMessage["headers"];
    body: Buffer;
  }[] = [];
  handler = ({ method, url, headers: sent }, received, response) => {
    asked.push({ method, url, headers: sent, body: received });
    response.writeHead(status, headers).end(body);
  };
  return asked;
}
const connect = (apiKey?: string) => createClient<operations>({ baseUrl: `${origin}/v1/`, model, apiKey });
const goodHeaders = { "content-type": "application/json", etag: '"1"' };

describe("a call", () => {
  test("goes to the operation's route below the base URL's path, with key, query and body", async () => {
    const asked = answer(200, goodHeaders, JSON.stringify(account));
    const api = connect("ck_secret");
    await api.updateAccount({
      path: { accountId: "a/b?" },
      headers: { "If-Match": '"1"' },
      body: { name: "é" },
    });
    await api.listPlans({ query: { limit: 2, status: "active" } });
    expect(asked[0]).toMatchObject({ method: "PATCH", url: "/v1/accounts/a%2Fb%3F" });
    expect(asked[0]?.headers).toMatchObject({
      authorization: "Bearer ck_secret",
      "if-match": '"1"',
      "content-type": "application/merge-patch+json",
    });
    expect(asked[0]?.body.toString()).toBe('{"name":"é"}');
    expect(asked[1]).toMatchObject({ method: "GET", url: "/v1/plans?limit=2&status=active" });
    expect(asked[1]?.headers["content-type"]).toBeUndefined();
    api.close();
  });

  test("answers documented, with the body's type told apart by the status", async () => {
    answer(200, goodHeaders, JSON.stringify(account));
    const reply = await connect().getAccount({ path: { accountId: "x" } });
    expect(reply).toMatchObject({ kind: "documented", status: 200, operation: "getAccount", body: account });
    expect(expectStatus(reply, 200).body.taxRateBasisPoints).toBe(0);
    expect(reply.ms).toBeGreaterThan(0);
  });

  test("answers undocumented, with findings, when the body breaks its schema", async () => {
    answer(200, goodHeaders, JSON.stringify({ ...account, currency: "XXX" }));
    const reply = await connect("ck_s").getAccount({ path: { accountId: "x" } });
    expect(reply).toMatchObject({ kind: "undocumented", status: 200, findings: [{ pointer: "/currency" }] });
    expect(() => expectStatus(reply, 200)).toThrow(UnexpectedReply);
    expect(() => expectStatus(reply, 200)).toThrow(/currency[\s\S]*curl/);
    expect(() => expectStatus(reply, 200)).not.toThrow(/ck_s/);
  });

  test("answers documented to who trusts it, unless the status is none of the operation's", async () => {
    answer(200, goodHeaders, '{"id":"acc_1a"}');
    const api = createClient<operations>({ baseUrl: `${origin}/v1`, model, trusting: true });
    const reply = await api.getAccount({ path: { accountId: "x" } });
    expect(expectStatus(reply, 200).body.id).toBe("acc_1a");
    answer(299, goodHeaders, "{}");
    expect((await api.getAccount({ path: { accountId: "x" } })).kind).toBe("undocumented");
    api.close();
  });

  test("answers unreachable, with the cause, when nobody listens or the connection breaks", async () => {
    const nobody = createClient<operations>({ baseUrl: "http://127.0.0.1:1", model });
    const reply = await nobody.listPlans();
    expect(reply).toMatchObject({ kind: "unreachable", operation: "listPlans" });
    expect(String((reply as { cause?: unknown }).cause)).toContain("ECONNREFUSED");
    handler = (request) => request.socket.destroy();
    expect((await connect().listPlans()).kind).toBe("unreachable");
  });

  test("answers unreachable when its time is up", async () => {
    handler = () => {};
    const api = createClient<operations>({ baseUrl: origin, model, timeoutMs: 40 });
    expect((await api.listPlans()).kind).toBe("unreachable");
  });

  test("follows no redirect and unpacks nothing", async () => {
    const asked = answer(302, { location: "/elsewhere" }, "");
    expect(await connect().listPlans()).toMatchObject({ kind: "undocumented", status: 302 });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("can be made with another key or with none", async () => {
    const asked = answer(200, goodHeaders, "{}");
    const api = connect("ck_one");
    await api.as("ck_two").listPlans();
    await api.as(undefined).listPlans();
    expect(asked.map((each) => each.headers.authorization)).toEqual(["Bearer ck_two", undefined]);
  });
});

describe("the escape hatch", () => {
  test("sends any bytes, with no header of its own", async () => {
    const asked = answer(415, { "content-type": "application/problem+json" }, "{}");
    const body = Buffer.from([0xff, 0x00, 0x7b]);
    const reply = await connect().raw({ method: "post", path: "/plans?x=%zz", body });
    expect(asked[0]).toMatchObject({ method: "POST", url: "/v1/plans?x=%zz", body });
    expect(asked[0]?.headers["content-type"]).toBeUndefined();
    expect(reply).toMatchObject({ kind: "undocumented", operation: "createPlan" });
  });

  test("sends JSON text as it stands, and an empty body", async () => {
    const asked = answer(200, {}, "");
    const headers = { "Content-Type": "application/json" };
    await connect().raw({ method: "POST", path: "/plans", headers, body: '{"a":1,"a":1e400}' });
    await connect().raw({ method: "POST", path: "/plans", headers, body: "" });
    expect(asked.map((each) => each.body.toString())).toEqual(['{"a":1,"a":1e400}', ""]);
  });

  test("answers undocumented without findings where no operation is", async () => {
    answer(405, { allow: "GET, POST" }, "{}");
    expect(await connect().raw({ method: "PUT", path: "/plans" })).toMatchObject({
      kind: "undocumented",
      operation: undefined,
      findings: [],
      body: {},
      headers: { allow: "GET, POST" },
    });
  });

  test("calls an operation with what its types forbid", async () => {
    const asked = answer(422, {}, "");
    const api = connect("ck_one");
    await api.send("createPlan", { body: { nmae: 1 }, headers: { Authorization: undefined, "X-Any": "1" } });
    expect(asked[0]).toMatchObject({ method: "POST", url: "/v1/plans" });
    expect(asked[0]?.headers).toMatchObject({ "x-any": "1", "content-type": "application/json" });
    expect(asked[0]?.headers.authorization).toBeUndefined();
    await expect(api.send("noSuch")).rejects.toThrow(/noSuch/);
    await expect(api.send("getPlan")).rejects.toThrow(/planId/);
  });
});

describe("curl", () => {
  test("masks secrets and quotes for a shell", async () => {
    answer(200, {}, "");
    const reply = await connect("ck_secret").send("createPlan", { body: { name: "it's" } });
    expect(toCurl(reply)).toBe(
      `curl -i -X POST '${origin}/v1/plans' -H 'authorization: Bearer ***' -H 'content-type: application/json' --data-raw '{"name":"it'\\''s"}'`,
    );
  });

  test("carries bytes that are no text", async () => {
    answer(200, {}, "");
    const reply = await connect().raw({ method: "POST", path: "/plans", body: Buffer.from([0xff]) });
    expect(toCurl(reply)).toMatch(/^echo \/w== \| base64 -d \| curl .*--data-binary @-$/);
  });
});
