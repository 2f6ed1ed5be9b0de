import { createHmac } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { isSuccess, postSigned } from "./post.ts";
import { webhookSignature } from "./signature.ts";

async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?a=1`;
}

const post = (url: string, timeoutMs = 2_000) =>
  postSigned({ url, secret: "whsec_x", body: '{"ü":1}', now: 1_772_272_921_999, timeoutMs });

test("the worked signature of the specification", () =>
  expect(
    webhookSignature(
      "whsec_Qm7Rk2Wx9Vc5Tb8Nd1Lz6Hj3Gf0Ds4Ya",
      1772272921,
      '{"id":"evt_1","type":"invoice.paid"}',
    ),
  ).toBe("t=1772272921,v1=dcb6cb1cf3abfc1c8bb60fa88761aec9a9d39de95a3b67e0e77356c09d0d28a7"));

test("sends the very bytes that are signed", async () => {
  let seen = {};
  const url = await receiver((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { "content-type": type, "webhook-signature": signature } = request.headers;
      seen = { method: request.method, path: request.url, type, signature, body };
      response.writeHead(204).end();
    });
  });
  expect(await post(url)).toEqual({ responseStatus: 204 });
  const mac = createHmac("sha256", "whsec_x").update('1772272921.{"ü":1}').digest("hex");
  expect(seen).toEqual({
    method: "POST",
    path: "/hook?a=1",
    type: "application/json",
    signature: `t=1772272921,v1=${mac}`,
    body: '{"ü":1}',
  });
});

test("a redirect is an answer", async () => {
  const url = await receiver((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  expect(await post(url)).toEqual({ responseStatus: 302 });
});

test("no status in time", async () => {
  const url = await receiver(() => {});
  expect(await post(url, 50)).toEqual({ error: "timeout" });
});

test("a status in time is enough, the body may hang", async () => {
  const url = await receiver((_, response) => response.writeHead(200).write("…"));
  expect(await post(url, 500)).toEqual({ responseStatus: 200 });
});

test("a broken connection, a closed port, an impossible host", async () => {
  const url = await receiver((request) => request.socket.destroy());
  expect(await post(url)).toEqual({ error: "unreachable" });
  expect(await post("http://127.0.0.1:1/")).toEqual({ error: "unreachable" });
  expect(await post("http://[:::1]/")).toEqual({ error: "unreachable" });
});

test.each([
  [199, false],
  [200, true],
  [299, true],
  [300, false],
])("status %i: %s", (responseStatus, wanted) => expect(isSuccess({ responseStatus })).toBe(wanted));
test("no status is no success", () => expect(isSuccess({ error: "timeout" })).toBe(false));
