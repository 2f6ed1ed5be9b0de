import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { joinRun, type LoadRequest, type RunRecord, readRun } from "../../gates/evidence/index.ts";
import { EXIT } from "../../gates/exit.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import { emptyRun, listening, temporaryFolder } from "../fixture.ts";
import type { Phase } from "../plan.ts";
import type { Summary } from "../protocol.ts";
import { toScenario } from "../scenario/read.ts";
import { drive } from "./drive.ts";

const json = { "content-type": "application/json" };
const spec = {
  openapi: "3.1.0",
  info: { title: "Things", version: "1" },
  paths: {
    "/things/{n}": {
      get: {
        operationId: "getThing",
        parameters: [{ name: "n", in: "path", required: true, schema: { type: "integer" } }],
        responses: {
          "200": {
            description: "One",
            content: {
              "application/json": {
                schema: { type: "object", required: ["n"], properties: { n: { type: "integer" } } },
              },
            },
          },
        },
      },
    },
  },
};
const once = [
  {
    get: {
      name: "getThing",
      url: "/things/{{ user }}",
      headers: { "x-user": "{{ user }}" },
      expect: { statusCode: 200 },
      match: { json: "$.n", value: "{{ user }}" },
      capture: { json: "$.n", as: "n" },
    },
  },
];

interface Run extends RunRecord {
  readonly summary: Summary;
}

async function load(
  url: string,
  phases: readonly Phase[],
  given: { flow?: unknown; budget?: number; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<Run> {
  const { flow = once, budget = 10_000, signal = new AbortController().signal, timeoutMs = 500 } = given;
  const file = join(temporaryFolder(onTestFinished), "things.json");
  writeFileSync(file, JSON.stringify(spec));
  const run = emptyRun(onTestFinished);
  const summary = await drive({
    target: { name: "server", url, headers: { "x-all": "yes" } },
    phases,
    budget,
    timeoutMs,
    seed: 1,
    scenario: toScenario({ scenarios: [{ name: "things", flow }] }, "things.yaml"),
    model: loadSpecs([file]),
    evidence: run,
    signal,
    onProgress: () => undefined,
  });
  run.end();
  return { ...readRun(run.dir), summary };
}

const userOf = (request: IncomingMessage): number => Number(request.headers["x-user"]);
const right = (request: IncomingMessage, response: ServerResponse): void =>
  void response.writeHead(200, json).end(JSON.stringify({ n: userOf(request) }));
const byDue = (requests: readonly LoadRequest[]): readonly LoadRequest[] =>
  [...requests].sort((a, b) => a.dueMs - b.dueMs);

describe("a load", () => {
  test("agrees with what the server did to each request", async () => {
    const did = new Map<number, string>();
    const misdeeds: Readonly<
      Record<number, readonly [string, (q: IncomingMessage, r: ServerResponse) => void]>
    > = {
      3: ["unexpected-status 500", (_, r) => void r.writeHead(500, json).end('{"message":"no"}')],
      5: ["throttled 429", (_, r) => void r.writeHead(429, json).end('{"message":"slow down"}')],
      7: ["connection reset", (q) => void q.socket.destroy()],
      9: [
        "connection reset",
        (q, r) => {
          r.writeHead(200, { ...json, "content-length": "100" }).write("{");
          setTimeout(() => q.socket.destroy(), 20);
        },
      ],
      11: ["wrong-body 200", (_, r) => void r.writeHead(200, json).end('{"n":"eleven"}')],
      13: ["wrong-body 200", (q, r) => void r.writeHead(200, json).end(`{"n":${userOf(q) + 1}}`)],
      15: ["wrong-body 200", (_, r) => void r.writeHead(200, json).end("{")],
      17: ["timeout timeout", () => undefined],
      19: ["timeout timeout", (_, r) => void r.writeHead(200, json).write(" ")],
      21: ["connection protocol", (q) => void q.socket.end("this is not HTTP\r\n\r\n")],
    };
    const url = await listening((request, response) => {
      const user = userOf(request);
      const [name, act] = misdeeds[user % 60] ?? ["ok 200", right];
      did.set(user, `${did.has(user) ? "again, " : ""}${name}`);
      expect(request.headers["x-all"]).toBe("yes");
      act(request, response);
    }, onTestFinished);
    const { requests, generator, summary, corrupt } = await load(
      url,
      [{ name: "steady", rate: 200, seconds: 1.5 }],
      // Long enough for a busy machine: only who never gets an answer may time out.
      { timeoutMs: 2_500 },
    );
    // Arrivals are 5 ms apart, so the due time names the user.
    const saw = new Map(requests.map((one) => [one.dueMs / 5, `${one.outcome} ${one.reply}`]));
    expect(saw).toEqual(did);
    expect(summary).toEqual({ target: "server", due: 300, recorded: 300, errors: 50, ended: "complete" });
    expect(new Set(requests.map((one) => one.seq)).size).toBe(300);
    expect(corrupt).toEqual([]);
    expect(generator.reduce((sum, one) => sum + one.sent, 0)).toBe(300);
    expect(generator.reduce((sum, one) => sum + one.planned, 0)).toBe(300);
  });

  test("shows a stall to all who were due in it, for as long as it lasted from when they were due", async () => {
    let stall: Promise<void> | undefined;
    let stalledAt = 0;
    const url = await listening(async (request, response) => {
      if (userOf(request) === 40) {
        stalledAt = performance.now();
        stall = sleep(600);
      }
      await stall;
      right(request, response);
    }, onTestFinished);
    const { requests } = await load(url, [{ name: "steady", rate: 100, seconds: 1.5 }], { timeoutMs: 5_000 });
    expect(stalledAt).toBeGreaterThan(0);
    const latencies = byDue(requests).map((one) => one.doneMs - one.dueMs);
    // User 40 + i is due 10 i ms into the stall and waits the rest of it; 60 users stand in the queue.
    for (const i of [0, 20, 40, 55]) {
      const left = 600 - 10 * i;
      expect(latencies[40 + i]).toBeGreaterThan(left - 40);
      expect(latencies[40 + i]).toBeLessThan(left + 400);
    }
    expect(latencies.filter((ms) => ms > 100).length).toBeGreaterThanOrEqual(45);
    expect(requests.every((one) => one.outcome === "ok")).toBe(true);
  });

  test("counts a body that trickles to its last byte", async () => {
    const url = await listening(async (request, response) => {
      response.writeHead(200, json).write("{");
      await sleep(200);
      response.end(`"n":${userOf(request)}}`);
    }, onTestFinished);
    const { requests } = await load(url, [{ name: "steady", rate: 10, seconds: 0.3 }]);
    for (const one of requests) {
      expect((one.firstByteMs ?? 0) - one.sentMs).toBeLessThan(150);
      expect(one.doneMs - one.sentMs).toBeGreaterThan(195);
      expect(one.bytes).toBe(7);
    }
  });

  test("walks on from the end of the request before, through captures, think time and polls, under a path prefix", async () => {
    const asked = new Map<string, number>();
    const url = await listening((request, response) => {
      const path = request.url ?? "";
      asked.set(path, (asked.get(path) ?? 0) + 1);
      const n = path.startsWith("/v1/things/9") && asked.get(path) === 3 ? 1 : Number(path.split("/").at(-1));
      response.writeHead(200, { ...json, "apigw-requestid": "id-1", "x-cutover-init": "cold", tag: "7" });
      response.end(JSON.stringify({ n }));
    }, onTestFinished);
    const get = { name: "getThing", expect: { statusCode: 200 } };
    const flow = [
      { get: { ...get, url: "/things/8", capture: { header: "tag", as: "next" } } },
      { think: 0.05 },
      { get: { ...get, url: "/things/{{ next }}" } },
      {
        poll: {
          think: 0.02,
          times: 5,
          while: { json: "$.n", value: 9 },
          get: { ...get, url: "/things/9" },
          match: { json: "$.n", value: 1 },
        },
      },
    ];
    const { requests, summary } = await load(`${url}/v1/`, [{ name: "p", rate: 1, seconds: 1 }], { flow });
    expect(summary).toMatchObject({ due: 5, errors: 0 });
    expect([...asked]).toEqual([
      ["/v1/things/8", 1],
      ["/v1/things/7", 1],
      ["/v1/things/9", 3],
    ]);
    const [first, second, third] = requests as [LoadRequest, LoadRequest, LoadRequest];
    expect(first.dueMs).toBe(0);
    expect(second.dueMs).toBeCloseTo(first.doneMs + 50, 2);
    expect(third.dueMs).toBeCloseTo(second.doneMs + 20, 2);
    expect(first).toMatchObject({ requestId: "id-1", cold: true });
  });

  test("a poll that never ends well is one error, its last request", async () => {
    const url = await listening(
      (_, response) => void response.writeHead(200, json).end('{"n":9}'),
      onTestFinished,
    );
    const while_ = { json: "$.n", value: 9 };
    const get = { name: "getThing", url: "/things/9", expect: { statusCode: 200 } };
    const flow = [
      { poll: { think: 0.01, times: 3, while: while_, get, match: { json: "$.n", value: 1 } } },
      ...once,
    ];
    const { requests } = await load(url, [{ name: "p", rate: 1, seconds: 1 }], { flow });
    expect(requests.map((one) => one.outcome)).toEqual(["ok", "ok", "wrong-body"]);
  });

  test("nobody there: every request is a refused connection", async () => {
    const url = await listening(() => undefined, onTestFinished);
    const nobody = url.replace(/\d+$/, "1");
    const { requests } = await load(nobody, [{ name: "p", rate: 50, seconds: 0.2 }]);
    expect(requests.map((one) => [one.reply, one.outcome])).toEqual(
      Array(10).fill(["refused", "connection"]),
    );
  });

  test("stops at its budget, and says what was due and not sent", async () => {
    const url = await listening(right, onTestFinished);
    const { summary, generator } = await load(url, [{ name: "p", rate: 100, seconds: 1 }], { budget: 20 });
    expect(summary).toMatchObject({ due: 21, recorded: 20, ended: "out-of-budget" });
    expect(generator.reduce((sum, one) => sum + one.planned, 0)).toBe(21);
  });

  test("told to stop, it sends no more and leaves no record of what it cut off itself", async () => {
    const stop = new AbortController();
    let got = 0;
    const url = await listening((request, response) => {
      got += 1;
      if (got <= 10) right(request, response);
      if (got === 20) stop.abort();
    }, onTestFinished);
    const { requests, summary } = await load(url, [{ name: "p", rate: 100, seconds: 60 }], {
      signal: stop.signal,
      timeoutMs: 30_000,
    });
    expect(requests.map((one) => one.outcome)).toEqual(Array(10).fill("ok"));
    expect(summary).toMatchObject({ ended: "stopped", recorded: 10 });
    // Beside the twentieth, those that a busy machine had sent in the same turn.
    expect(got).toBeLessThan(20 + 32);
  });
});

/** A device that is always full stands in for a file: each write of the real writer fails as on a full disk. */
describe.runIf(existsSync("/dev/full"))("evidence that cannot be written ends the load", () => {
  const walking = [...once, { think: 0.01 }, ...once];

  test.each([
    ["requests, each user one", "requests", once],
    ["requests of users who walk", "requests", walking],
    ["how the generator fared, from its timer", "generator", once],
  ] as const)("%s", async (_, stream, flow) => {
    let asked = 0;
    const url = await listening((request, response) => {
      asked += 1;
      right(request, response);
    }, onTestFinished);
    const run = emptyRun(onTestFinished);
    const full = join(run.dir, `${stream}.ndjson`);
    symlinkSync("/dev/full", full);
    const evidence = joinRun(run.dir);
    const load = drive({
      target: { name: "server", url, headers: {} },
      phases: [{ name: "steady", rate: 100, seconds: 60 }],
      budget: 20_000,
      timeoutMs: 500,
      seed: 1,
      scenario: toScenario({ scenarios: [{ name: "things", flow }] }, "things.yaml"),
      model: undefined,
      evidence,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await expect(load).rejects.toMatchObject({
      exitCode: EXIT.evidence,
      message: expect.stringContaining("no space left"),
    });
    expect(() => evidence.close()).toThrow("no space left");
    // Reading it would never end.
    rmSync(full);
    const { requests, generator } = readRun(run.dir);
    const kept = stream === "requests" ? generator : requests;
    expect(kept.length).toBeGreaterThan(0);
    expect(asked).toBeLessThan(1_000);
  });
});
