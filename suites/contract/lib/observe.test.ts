import { expect, test } from "vitest";
import type { Answer } from "./api.ts";
import { Observer } from "./observe.ts";

function reply(given: {
  operation?: string;
  status?: number;
  headers?: Record<string, string>;
  sent?: Record<string, string>;
  body?: unknown;
}): Answer {
  const { operation = "getPlan", status = 200, headers = {}, sent = {}, body } = given;
  const request = { method: "GET", url: "http://localhost/", headers: sent, body: undefined };
  const text = JSON.stringify(body) ?? "";
  return {
    ...{ kind: "documented", operation, status, headers, body, text },
    ...{ request, ms: 1, bytes: Buffer.from(text) },
  };
}

const plan = (name: string, etag: string) => reply({ headers: { etag }, body: { id: "plan_1", name } });

test("an ETag has to change exactly when the representation does", () => {
  const observer = new Observer();
  expect(observer.watch(plan("a", '"1"'))).toEqual([]);
  expect(observer.watch(plan("a", '"1"'))).toEqual([]);
  expect(observer.watch(plan("b", '"2"'))).toEqual([]);
  expect(observer.watch(plan("c", '"2"'))).toHaveLength(1);
  expect(observer.watch(plan("a", '"3"'))).toHaveLength(1);
});

test("the ETag of a reply with a main member is of that member", () => {
  const observer = new Observer();
  const subscription = { id: "sub_1", status: "active" };
  const body = (net: number) => ({ subscription, proration: { net } });
  expect(observer.watch(reply({ headers: { etag: '"1"' }, body: body(1) }))).toEqual([]);
  expect(observer.watch(reply({ headers: { etag: '"1"' }, body: body(2) }))).toEqual([]);
});

test("a secret is shown once", () => {
  const observer = new Observer();
  const secret = `whsec_${"a".repeat(32)}`;
  const created = reply({ operation: "createWebhook", status: 201, body: { secret } });
  expect(observer.watch(created)).toEqual([]);
  expect(observer.watch(reply({ operation: "getWebhook", body: { secret } }))).toHaveLength(1);
  expect(observer.watch(created)).toHaveLength(1);
});

test("a first answer is no replay", () => {
  const observer = new Observer();
  const replayed = reply({ sent: { "idempotency-key": "k" }, headers: { "idempotency-replayed": "true" } });
  observer.sending("k");
  expect(observer.watch(replayed)).toHaveLength(1);
  observer.sending("k");
  expect(observer.watch(replayed)).toEqual([]);
});

test("type, title and status of a problem fit each other", () => {
  const type = "https://cutover.example/problems/not-found";
  const problem = (body: object) => new Observer().watch(reply({ status: 404, body }));
  expect(problem({ type, title: "Not found", status: 404, detail: "x" })).toEqual([]);
  expect(problem({ type: `${type}s`, title: "Not found", status: 404 })).toHaveLength(1);
  expect(problem({ type, title: "Not Found", status: 404 })).toHaveLength(1);
  expect(problem({ type, title: "Not found", status: 400 })).toHaveLength(1);
});
