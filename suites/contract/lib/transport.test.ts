import { expect, test } from "vitest";
import type { Sent, Transport } from "../../../openapi/client/index.ts";
import { gateTo } from "./transport.ts";

/** Counts what is in flight, and lets go when told. */
function counting(): { inner: Transport; flying: () => number; finish: () => void } {
  const pending: (() => void)[] = [];
  const inner: Transport = {
    close: () => undefined,
    send: () =>
      new Promise<Sent>((resolve) =>
        pending.push(() => resolve({ kind: "unreachable", cause: "test", ms: 0 })),
      ),
  };
  return { inner, flying: () => pending.length, finish: () => pending.shift()?.() };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const request = { method: "GET", url: "http://localhost/", headers: {}, body: undefined };

test("requests of different turns wait for a place", async () => {
  const { inner, flying, finish } = counting();
  const transport = gateTo(inner, { atOnce: 2 })();
  for (let sent = 1; sent <= 4; sent++) {
    void transport.send(request);
    await turn();
  }
  expect(flying()).toBe(2);
  finish();
  await turn();
  expect(flying()).toBe(2);
});

test("requests of one turn are a race and go out together", async () => {
  const { inner, flying } = counting();
  const transport = gateTo(inner, { atOnce: 2 })();
  for (let sent = 1; sent <= 10; sent++) void transport.send(request);
  await turn();
  expect(flying()).toBe(10);
});

test("requests of two cases are no race, even in one turn", async () => {
  const { inner, flying } = counting();
  const gate = gateTo(inner, { atOnce: 1 });
  for (let sent = 1; sent <= 5; sent++) void gate().send(request);
  await turn();
  expect(flying()).toBe(1);
});

test("a race that does not fit goes out once nothing else is in flight, and nothing overtakes it", async () => {
  const { inner, flying, finish } = counting();
  const gate = gateTo(inner, { atOnce: 2 });
  void gate().send(request);
  await turn();
  const racing = gate();
  for (let sent = 1; sent <= 3; sent++) void racing.send(request);
  await turn();
  void gate().send(request);
  await turn();
  expect(flying()).toBe(1);
  finish();
  await turn();
  expect(flying()).toBe(3);
});

test("one at a time for each resource, where the target wants it so", async () => {
  const { inner, flying, finish } = counting();
  const gate = gateTo(inner, { atOnce: 3, onePerResource: true });
  for (const path of ["plans", "plans/plan_1", "invoices?limit=1"]) {
    void gate().send({ ...request, url: `http://localhost/${path}` });
    await turn();
  }
  expect(flying()).toBe(2);
  finish();
  await turn();
  expect(flying()).toBe(2);
});
