import { PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, startFixture } from "../fixture/start.ts";

let aws: Fixture;
beforeAll(async () => {
  aws = await startFixture();
});
afterAll(() => aws.close());

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(aws.gatewayUrl + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
};
const event = async (path: string, init: RequestInit = {}) => JSON.parse((await call(path, init)).text).event;
const replyWith = (reply: unknown) => call("/reply", { headers: { "x-reply": JSON.stringify(reply) } });

describe("the event", () => {
  test("has the shape of payload format 2.0", async () => {
    const got = await event("/things/a%20b?x=1&y=%C3%A9&x=2&empty=", {
      headers: { cookie: "k=v; l=w", "X-Mixed": "Case", "user-agent": "tests" },
    });
    expect(got).toMatchObject({
      version: "2.0",
      routeKey: "GET /things/{id}",
      rawPath: "/things/a b",
      rawQueryString: "x=1&y=%C3%A9&x=2&empty=",
      queryStringParameters: { x: "1,2", y: "é", empty: "" },
      pathParameters: { id: "a b" },
      cookies: ["k=v", "l=w"],
      isBase64Encoded: false,
      requestContext: {
        http: {
          method: "GET",
          path: "/things/a b",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "tests",
        },
        routeKey: "GET /things/{id}",
        stage: "$default",
        authorizer: { lambda: { who: null } },
      },
    });
    expect(got.headers["x-mixed"]).toBe("Case");
    expect(got.headers).not.toHaveProperty("cookie");
    expect(got.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(got).not.toHaveProperty("body");
  });

  test("joins repeated headers with commas", async () => {
    const { body } = await request(`${aws.gatewayUrl}/things/1`, { headers: ["x-many", "a", "X-Many", "b"] });
    expect(((await body.json()) as { event: { headers: object } }).event.headers).toMatchObject({
      "x-many": "a,b",
    });
  });

  const bodies: readonly (readonly [string | undefined, boolean])[] = [
    ["application/json", false],
    ["application/json; charset=utf-8", false],
    ["text/plain", false],
    ["application/merge-patch+json", true],
    ["application/x-www-form-urlencoded", true],
    ["application/octet-stream", true],
    [undefined, true],
  ];
  test.each(bodies)("with a body of %s has it in base64: %s", async (type, encoded) => {
    const bytes = Buffer.from('{"ä":1}');
    const got = await event("/public", {
      method: "POST",
      body: bytes,
      headers: type === undefined ? {} : { "content-type": type },
    });
    expect(got.isBase64Encoded).toBe(encoded);
    expect(Buffer.from(got.body, encoded ? "base64" : "utf8")).toEqual(bytes);
  });

  test("tells of any method on an ANY route, and of the whole rest of a greedy path", async () => {
    expect((await event("/files/a/b%20c", { method: "OPTIONS" })).pathParameters).toEqual({ rest: "a/b c" });
    const head = await call("/files/x", { method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(100);
  });
});

describe("the authorizer", () => {
  test("passes its context on, for every request anew", async () => {
    const who = async () =>
      (await event("/things/1", { headers: { authorization: "Bearer x" } })).requestContext.authorizer.lambda;
    const first = await who();
    expect(first.who).toBe("Bearer x");
    expect((await who()).calls).toBe(first.calls + 1);
  });

  test("denies with 403, and breaks with 500", async () => {
    const forbidden = await call("/things/1", { headers: { authorization: "forbid" } });
    expect([forbidden.status, forbidden.text]).toEqual([403, '{"message":"Forbidden"}']);
    const broken = await call("/things/1", { headers: { authorization: "crash" } });
    expect([broken.status, broken.text]).toEqual([500, '{"message":"Internal Server Error"}']);
  });
});

describe("the response", () => {
  test("is the function's", async () => {
    const { status, headers, text } = await replyWith({
      statusCode: 418,
      headers: { "X-Odd": 7, "content-type": "text/css" },
      cookies: ["a=1", "b=2; Path=/"],
      body: "aGk=",
      isBase64Encoded: true,
    });
    expect([status, headers.get("x-odd"), headers.get("content-type"), text]).toEqual([
      418,
      "7",
      "text/css",
      "hi",
    ]);
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2; Path=/"]);
    expect(headers.get("apigw-requestid")).toMatch(/=$/);
    expect(headers.get("x-cutover-init")).toMatch(/^(cold|warm)$/);
  });

  test("is inferred when there is no status code", async () => {
    const inferred = await replyWith({ any: "thing" });
    expect([inferred.status, inferred.headers.get("content-type"), inferred.text]).toEqual([
      200,
      "application/json",
      '{"any":"thing"}',
    ]);
    expect((await replyWith("text")).text).toBe('"text"');
  });

  test("without a body is empty", async () => {
    const { status, text, headers } = await replyWith({ statusCode: 204 });
    expect([status, text, headers.get("content-type")]).toEqual([204, "", null]);
  });

  test.each([{ statusCode: "x" }, { statusCode: 200, body: {} }, { statusCode: 200, headers: 1 }])(
    "is 500 when malformed: %j",
    async (reply) => {
      expect((await replyWith(reply)).status).toBe(500);
    },
  );
});

describe("the gateway's own answers", () => {
  test("404 where there is no route", async () => {
    const { status, text } = await call("/nowhere");
    expect([status, text]).toEqual([404, '{"message":"Not Found"}']);
    expect((await call("/things/1/")).status).toBe(404);
  });

  test("400 to a path that cannot be decoded", async () => {
    expect((await request(`${aws.gatewayUrl}/things/%zz`)).statusCode).toBe(400);
  });

  test("413 to more than 10 MB, and to more than a function takes", async () => {
    for (const megabytes of [7, 11]) {
      const body = Buffer.alloc(megabytes * 1024 * 1024, "x");
      const { status, text } = await call("/public", {
        method: "POST",
        body,
        headers: { "content-type": "text/plain" },
      });
      expect([status, text]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    }
  });

  test("431 to more than 10 KB of headers", async () => {
    expect((await call("/reply", { headers: { "x-reply": "1".repeat(11_000) } })).status).toBe(431);
  });

  test("503 when the integration takes too long, or its function is throttled", async () => {
    await aws.invoke("sleep", { ms: 0 });
    expect((await call("/slow?ms=1")).status).toBe(200);
    const late = await call("/slow?ms=2000");
    expect([late.status, late.text]).toEqual([503, '{"message":"Service Unavailable"}']);
    await aws.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: "sleep", ReservedConcurrentExecutions: 0 }),
    );
    const throttled = await call("/slow?ms=1");
    expect([throttled.status, throttled.text]).toEqual([503, '{"message":"Service Unavailable"}']);
  });
});
