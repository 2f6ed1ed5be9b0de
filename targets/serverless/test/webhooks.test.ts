import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import { draft, finalize, openInvoice, pay, until, type World, world } from "./billing.ts";
import { type Answer, named, newKey } from "./client.ts";

interface Received {
  readonly path: string;
  readonly signature: string;
  readonly body: string;
  readonly at: number;
}

vi.setConfig({ testTimeout: 90_000 }); // each may start dozens of processes

let aws: LocalAws;
let acme: World;
let server: Server;
let base: string;
const received: Received[] = [];
/** What to answer at a path; a function may hold the answer back. */
const answers = new Map<string, (nth: number) => number | "hang">();

beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  acme = await world(aws.gatewayUrl);
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const path = request.url ?? "";
      received.push({ path, signature: String(request.headers["webhook-signature"]), body, at: Date.now() });
      const answer = answers.get(path)?.(at(path).length) ?? 204;
      if (answer !== "hang") response.writeHead(answer, { location: "/elsewhere" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await aws?.close();
});

const at = (path: string) => received.filter((each) => each.path === path);
const types = (path: string) => at(path).map(({ body }) => JSON.parse(body).type);
const all = [
  "invoice.failed",
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "payment.failed",
  "payment.refunded",
  "payment.succeeded",
  "subscription.canceled",
];

let paths = 0;
async function hook(owner: World, events: readonly string[] = all): Promise<Answer & { path: string }> {
  const path = `/hook/${++paths}`;
  const made = await owner.must(201, "POST", "/webhooks", { body: { url: base + path, events } });
  return { ...made, path };
}
const deliveries = async (owner: World, made: Answer, query = "") =>
  (await owner.must(200, "GET", `/webhooks/${made.body.webhook.id}/deliveries${query}`)).body.items;

describe("webhooks as resources", () => {
  test("created, read, listed, changed, deleted", async () => {
    const body = {
      url: "https://hooks.acme.example/x",
      events: ["payment.failed", "invoice.paid"],
      description: "Ledger",
    };
    const made = await acme.must(201, "POST", "/webhooks", { body });
    const { webhook, secret } = made.body;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9]{32,64}$/);
    expect(webhook).toEqual({
      ...body,
      id: expect.stringMatching(/^whk_/),
      events: ["invoice.paid", "payment.failed"],
      enabled: true,
      createdAt: expect.any(String),
      updatedAt: webhook.createdAt,
    });
    const path = `/webhooks/${webhook.id}`;
    expect(made.headers.get("location")).toBe(path);
    const read = await acme.must(200, "GET", path);
    expect([read.body, read.etag]).toEqual([webhook, made.etag]);
    expect((await acme.must(200, "GET", "/webhooks")).body.items).toEqual([webhook]);

    const patch = (body: object, ifMatch?: string) =>
      acme.send("PATCH", path, { body, ...(ifMatch !== undefined && { ifMatch }) });
    const same = await patch({ events: ["payment.failed", "invoice.paid"] }, made.etag);
    expect([same.status, same.body, same.etag]).toEqual([200, webhook, made.etag]);
    expect((await patch({})).status).toBe(428);
    expect((await patch({}, '"other"')).status).toBe(412);
    expect(
      named(await patch({ url: null, id: "x", enabled: null, events: ["invoice.paid", "invoice.paid"] })),
    ).toEqual(["/enabled", "/events", "/id", "/url"]);
    const changed = await patch({ description: null, enabled: false }, made.etag);
    const { description, ...rest } = webhook;
    expect(changed.body).toEqual({ ...rest, enabled: false, updatedAt: expect.any(String) });
    expect(changed.etag).not.toBe(made.etag);

    await acme.must(204, "DELETE", path);
    await acme.must(404, "DELETE", path);
    await acme.must(404, "GET", path);
    await acme.must(404, "GET", `${path}/deliveries`);
  });

  test("refusals", async () => {
    const post = (body: object) => acme.send("POST", "/webhooks", { body });
    expect(named(await post({ url: "http://a.example", events: [] }))).toEqual(["/events", "/url"]);
    expect(
      named(
        await post({ url: "https://a.example", events: ["x"], description: "", enabled: 1, secret: "s" }),
      ),
    ).toEqual(["/description", "/enabled", "/events/0", "/secret"]);
    await acme.must(400, "GET", "/webhooks?status=x");
    for (const id of ["whk_none", "x", "evt_1"]) await acme.must(404, "GET", `/webhooks/${id}`);
  });
});

describe("deliveries", () => {
  test("the life of an invoice, in order, signed", async () => {
    const w = await world(aws.gatewayUrl);
    const made = await hook(w);
    const open = await openInvoice(w);
    await pay(w, open.body.id, 100, { method: "tok_declined" });
    const payment = await pay(w, open.body.id, 1190);
    const paid = await w.must(200, "GET", `/invoices/${open.body.id}`);
    await w.must(201, "POST", `/payments/${payment.body.id}/refunds`, { body: { amount: 5 }, key: newKey() });
    const wanted = [
      "invoice.finalized",
      "payment.failed",
      "payment.succeeded",
      "invoice.paid",
      "payment.refunded",
    ];
    await until(
      async () => at(made.path).length,
      (count) => count === 5,
    );
    expect(types(made.path)).toEqual(wanted);
    const bodies = at(made.path).map(({ body }) => JSON.parse(body));
    expect(bodies[0].data).toEqual(open.body);
    expect(bodies[2].data).toEqual(payment.body);
    expect(bodies[3].data).toEqual(paid.body);
    expect(bodies[4].data).toEqual({ ...payment.body, refundedAmount: 5 });
    for (const { body, signature } of at(made.path)) {
      const [, t = "", v1] = /^t=([0-9]+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(30);
      expect(createHmac("sha256", made.body.secret).update(`${t}.${body}`).digest("hex")).toBe(v1);
    }
    const list = await until(
      () => deliveries(w, made),
      (items) => items.every((each: { status: string }) => each.status === "succeeded"),
    );
    expect(list.map((each: { event: string }) => each.event).toSorted()).toEqual(wanted.toSorted());
    expect(list.find((each: { event: string }) => each.event === "payment.refunded")).toEqual({
      id: expect.stringMatching(/^dlv_/),
      webhookId: made.body.webhook.id,
      event: "payment.refunded",
      eventId: bodies[4].id,
      resourceId: payment.body.id,
      status: "succeeded",
      attempts: [{ at: expect.any(String), responseStatus: 204 }],
      createdAt: bodies[4].createdAt,
    });
    expect(await deliveries(w, made, "?event=invoice.paid&status=succeeded")).toHaveLength(1);
    expect(await deliveries(w, made, "?event=invoice.paid&status=failed")).toEqual([]);
  });

  test("failed, voided, canceled; paid at once comes after finalized", async () => {
    const w = await world(aws.gatewayUrl, {
      name: "Free",
      interval: "month",
      pricing: { model: "flat", amount: 0 },
    });
    const made = await hook(w);
    const free = await finalize(w, (await draft(w)).body.id);
    expect(free.body.status).toBe("paid");
    await until(
      async () => types(made.path),
      (got) => got.length === 2,
    );
    expect(at(made.path).map(({ body }) => [JSON.parse(body).type, JSON.parse(body).data.status])).toEqual([
      ["invoice.finalized", "open"],
      ["invoice.paid", "paid"],
    ]);
    const failed = await finalize(w, (await draft(w)).body.id);
    const voided = await w.must(200, "POST", `/invoices/${failed.body.id}/void`);
    const canceled = await w.must(200, "POST", `/subscriptions/${w.subscriptionId}/cancel`, {
      body: { mode: "now" },
    });
    await until(
      async () => types(made.path),
      (got) => got.length === 5,
    );
    const bodies = at(made.path).map(({ body }) => JSON.parse(body));
    const data = (type: string) => bodies.find((each) => each.type === type).data;
    expect(data("invoice.failed")).toEqual(failed.body);
    expect(data("invoice.voided")).toEqual(voided.body);
    expect(data("subscription.canceled")).toEqual(canceled.body);
    expect(types(made.path).indexOf("invoice.failed")).toBeLessThan(
      types(made.path).indexOf("invoice.voided"),
    );
  });

  test("three attempts with their pauses; what comes after waits; other webhooks do not", async () => {
    const w = await world(aws.gatewayUrl);
    const made = await hook(w);
    const other = await hook(w);
    answers.set(made.path, (nth) => [500, 302, 400][nth - 1] ?? 204);
    const open = await openInvoice(w);
    await pay(w, open.body.id, 100);
    await until(
      async () => types(other.path),
      (got) => got.length === 2,
    );
    expect(types(made.path)).toEqual(["invoice.finalized"]);
    const pending = await deliveries(w, made, "?status=pending");
    expect(pending.map((each: { event: string }) => each.event).sort()).toEqual([
      "invoice.finalized",
      "payment.succeeded",
    ]);
    await until(
      async () => types(made.path),
      (got) => got.length === 4,
    );
    expect(types(made.path)).toEqual([...Array(3).fill("invoice.finalized"), "payment.succeeded"]);
    const [first, second, third] = at(made.path);
    const gaps = [(second?.at ?? 0) - (first?.at ?? 0), (third?.at ?? 0) - (second?.at ?? 0)];
    expect(gaps[0]).toBeGreaterThan(950);
    expect(gaps[0]).toBeLessThan(1_900);
    expect(gaps[1]).toBeGreaterThan(4_950);
    expect(gaps[1]).toBeLessThan(5_900);
    expect(second?.body).toBe(first?.body);
    expect(second?.signature).not.toBe(first?.signature);
    const ended = await until(
      () => deliveries(w, made),
      (items) => items.every((each: { status: string }) => each.status !== "pending"),
    );
    const finalized = ended.find((each: { event: string }) => each.event === "invoice.finalized");
    expect(finalized).toMatchObject({
      status: "failed",
      attempts: [{ responseStatus: 500 }, { responseStatus: 302 }, { responseStatus: 400 }],
    });
  });

  test("a receiver that does not answer has two seconds", async () => {
    const w = await world(aws.gatewayUrl);
    const made = await hook(w);
    answers.set(made.path, (nth) => (nth === 1 ? "hang" : 200));
    await openInvoice(w);
    const [delivery] = await until(
      () => deliveries(w, made),
      ([each]) => each.status === "succeeded",
    );
    expect(delivery.attempts).toEqual([
      { at: expect.any(String), error: "timeout" },
      { at: expect.any(String), responseStatus: 200 },
    ]);
    const [first, second] = at(made.path);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(2_950);
  });

  test("only webhooks that are enabled and listen; a deleted one hears no more", async () => {
    const w = await world(aws.gatewayUrl);
    const [deaf, off, gone] = [await hook(w, ["payment.failed"]), await hook(w), await hook(w)];
    const disable = { body: { enabled: false }, ifMatch: off.etag };
    await w.must(200, "PATCH", `/webhooks/${off.body.webhook.id}`, disable);
    answers.set(gone.path, () => 500);
    await openInvoice(w);
    await until(
      async () => at(gone.path).length,
      (count) => count === 1,
    );
    await w.must(204, "DELETE", `/webhooks/${gone.body.webhook.id}`);
    const late = await hook(w);
    await openInvoice(w);
    await until(
      async () => at(late.path).length,
      (count) => count === 1,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // the second attempt would have come by now
    expect([at(deaf.path), at(off.path), at(gone.path).length]).toEqual([[], [], 1]);
    expect(await deliveries(w, off)).toEqual([]);
  });

  test("more webhooks than a transaction has room for", async () => {
    const w = await world(aws.gatewayUrl);
    const made: Awaited<ReturnType<typeof hook>>[] = [];
    for (let n = 0; n < 100; n += 10)
      made.push(...(await Promise.all(Array.from({ length: 10 }, () => hook(w, ["invoice.finalized"])))));
    await openInvoice(w);
    await until(
      async () => made.filter(({ path }) => at(path).length === 1).length,
      (count) => count === 100,
    );
    for (const each of made)
      await until(
        () => deliveries(w, each),
        (items) => items.length === 1 && items[0].status === "succeeded",
      );
  });
});
