import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RunRecord, readRun } from "../gates/evidence/index.ts";
import { loadSpecs } from "../openapi/model/index.ts";
import { startMonolith } from "../targets/monolith/start.ts";
import { drive } from "./engine/drive.ts";
import { emptyRun } from "./fixture.ts";
import { readScenario } from "./scenario/read.ts";

let monolith: Awaited<ReturnType<typeof startMonolith>>;
beforeAll(async () => {
  monolith = await startMonolith({ port: 0 });
}, 60_000);
afterAll(() => monolith?.close());

async function send(scenario: string, url: string, rate = 5): Promise<RunRecord["requests"]> {
  const run = emptyRun(onTestFinished);
  const summary = await drive({
    target: { name: "monolith", url, headers: {} },
    phases: [{ name: "steady", rate, seconds: 1 }],
    budget: 1000,
    timeoutMs: 10_000,
    seed: 1,
    scenario: readScenario(scenario),
    model: loadSpecs(["openapi/*.yaml"]),
    evidence: run,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  run.end();
  const { requests } = readRun(run.dir);
  expect(summary).toMatchObject({ ended: "complete", due: requests.length, recorded: requests.length });
  return requests;
}

/** In front of the monolith, with one thing wrong about each request. */
async function spoiled(spoil: (headers: Record<string, unknown>, body: string) => string): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += String(chunk);
    });
    incoming.on("end", () => {
      const headers: Record<string, unknown> = { ...incoming.headers };
      const sent = spoil(headers, body);
      delete headers["content-length"];
      const { method, url } = incoming;
      const out = forward(
        `${monolith.url}${url}`,
        {
          method,
          headers: { ...(headers as Record<string, string>), "content-length": Buffer.byteLength(sent) },
        },
        (reply) => {
          outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
          reply.pipe(outgoing);
        },
      );
      out.end(sent);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

const wrong = (requests: RunRecord["requests"]): readonly string[] =>
  requests
    .filter(({ outcome }) => outcome !== "ok")
    .map((one) => `${one.endpoint} ${one.reply} ${one.outcome}`);

describe("every bundled scenario", { timeout: 60_000 }, () => {
  test.each(["reads", "writes", "usage-firehose", "idempotent-retries"])(
    "%s finds a real system right",
    async (name) => {
      const requests = await send(name, monolith.url);
      expect(wrong(requests)).toEqual([]);
      expect(new Set(requests.map(({ user }) => user)).size).toBe(5);
    },
  );

  test("idempotent-retries notices a target that takes each retry for a new request", async () => {
    let keys = 0;
    const url = await spoiled((headers, body) => {
      if (headers["idempotency-key"] !== undefined) headers["idempotency-key"] = `key-${keys++}`;
      return body;
    });
    expect(wrong(await send("idempotent-retries", url, 1))).toEqual(["createSubscription 201 wrong-body"]);
  });

  test("usage-firehose notices a target that counts an event twice", async () => {
    let events = 0;
    const url = await spoiled((_, body) =>
      body.includes('"events"')
        ? body.replaceAll(/"eventId":"[^"]+"/g, () => `"eventId":"e${events++}"`)
        : body,
    );
    expect(wrong(await send("usage-firehose", url, 1))).toEqual(["recordUsageBatch 200 wrong-body"]);
  });
});
