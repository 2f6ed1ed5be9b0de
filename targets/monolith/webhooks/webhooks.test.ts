import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { afterAttempt } from "./delivery.ts";
import { post, signature } from "./send.ts";
import { isDeliverable } from "./url.ts";

test.each([
  "https://example.com",
  "https://example.com:8443/a/b?c=d",
  "https://EXAMPLE.com/%zz",
  "https://[2001:db8::1]/",
  "https://10.0.0.1/",
])("%s is deliverable anywhere", (url) => expect(isDeliverable(url, false)).toBe(true));

test.each([
  "http://127.0.0.1:1/x",
  "http://127.255.0.9",
  "http://localhost:80/",
  "http://LocalHost",
  "http://[::1]:9/",
])("%s only where loopback is allowed", (url) =>
  expect([isDeliverable(url, true), isDeliverable(url, false)]).toEqual([true, false]),
);

test.each([
  "http://example.com",
  "http://127.0.0.1.example.com",
  "http://localhost.example.com",
  "http://127.0.0.256",
  "http://128.0.0.1",
  "http://127.1",
  "http://0.0.0.0",
  "http://[::2]/",
  "ftp://example.com",
  "https://user@example.com",
  "https://user:pw@example.com",
  "https://example.com/#a",
  "https://example.com#",
  "https://example.com:65536",
  "https://example.com:0",
  "https:example.com",
  "https:\\\\example.com",
  "//example.com",
  "https://",
  "https:///x",
  " https://example.com",
  "https://example.com\n",
  "https://exa mple.com",
  "https://exämple.com",
  "HTTPS://example.com",
])("%j is not deliverable", (url) => expect(isDeliverable(url, true)).toBe(false));

test("the signature of the contract's example", () => {
  expect(
    signature("whsec_Qm7Rk2Wx9Vc5Tb8Nd1Lz6Hj3Gf0Ds4Ya", 1772272921, '{"id":"evt_1","type":"invoice.paid"}'),
  ).toBe("t=1772272921,v1=dcb6cb1cf3abfc1c8bb60fa88761aec9a9d39de95a3b67e0e77356c09d0d28a7");
});

test("three attempts, then failed", () => {
  const failed = { at: "", responseStatus: 302 };
  expect([1, 2, 3].map((made) => afterAttempt(failed, made))).toEqual([
    { status: "pending", pauseMs: 1000 },
    { status: "pending", pauseMs: 5000 },
    { status: "failed", pauseMs: 0 },
  ]);
  expect(afterAttempt({ at: "", responseStatus: 204 }, 3).status).toBe("succeeded");
  expect(afterAttempt({ at: "", error: "timeout" }, 1).status).toBe("pending");
});

test("a receiver that never answers is a timeout, one that is not there is unreachable", async ({
  onTestFinished,
}) => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  onTestFinished(() => silent.closeAllConnections());
  expect(await post(`http://127.0.0.1:${port}/`, {}, "{}", 60)).toEqual({ error: "timeout" });
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  expect(await post(`http://127.0.0.1:${port}/`, {}, "{}", 1000)).toEqual({ error: "unreachable" });
  expect(await post("https://[:::]/", {}, "{}", 1000)).toEqual({ error: "unreachable" });
});
