import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { type LoadRequest, readRun } from "../../gates/evidence/index.ts";
import { emptyRun, listening } from "../fixture.ts";
import { toScenario } from "../scenario/read.ts";
import { drive } from "./drive.ts";

/** What the server did to one request, in its own time. */
interface Did {
  readonly id: number;
  readonly what: string;
  /** From the request's first byte to the reply's last, by the server's clock. */
  readonly tookMs: number;
}

type Act = (id: number, request: IncomingMessage, response: ServerResponse) => Promise<string> | string;

const RATE = 200;
const SECONDS = 2;
const scenario = toScenario(
  {
    scenarios: [
      {
        name: "faults",
        flow: [
          {
            get: {
              url: "/{{ user }}",
              expect: { statusCode: 200 },
              match: { json: "$.id", value: "{{ user }}" },
            },
          },
        ],
      },
    ],
  },
  "faults.yaml",
);

/** Sends 400 requests in 2 s to a server that does `act` to each, and hands back what both of them saw. */
async function against(
  act: Act,
  timeoutMs = 5_000,
): Promise<{ readonly requests: readonly LoadRequest[]; readonly did: readonly Did[] }> {
  const did: Did[] = [];
  const url = await listening(async (request, response) => {
    const beganAt = performance.now();
    const id = Number(request.url?.slice(1));
    const what = await act(id, request, response);
    did.push({ id, what, tookMs: performance.now() - beganAt });
  }, onTestFinished);
  const run = emptyRun(onTestFinished);
  const summary = await drive({
    target: { name: "server", url, headers: {} },
    phases: [{ name: "steady", rate: RATE, seconds: SECONDS }],
    budget: 1000,
    timeoutMs,
    seed: 1,
    scenario,
    model: undefined,
    evidence: run,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  run.end();
  const { requests, corrupt } = readRun(run.dir);
  expect({ corrupt, recorded: summary.recorded }).toEqual({ corrupt: [], recorded: RATE * SECONDS });
  return { requests, did };
}

function right(id: number, response: ServerResponse): Promise<string> {
  return answer(response, 200, JSON.stringify({ id }));
}

function answer(response: ServerResponse, status: number, body: string): Promise<string> {
  return new Promise((resolve) =>
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(body, () => resolve(status === 200 ? "right" : `status ${status}`)),
  );
}

const countOf = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length;
const latencies = (requests: readonly LoadRequest[]): readonly number[] =>
  requests.map(({ dueMs, doneMs }) => doneMs - dueMs).sort((a, b) => a - b);
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
const errors = (requests: readonly LoadRequest[]): readonly LoadRequest[] =>
  requests.filter(({ outcome }) => outcome !== "ok");

describe("a server's faults, as it logged them itself", { timeout: 20_000 }, () => {
  test("one stall of a second: as long for each as it was due in it, and no error", async () => {
    let stall = Promise.resolve();
    const { requests, did } = await against(async (id, _, response) => {
      if (id === 100) stall = sleep(1000);
      await stall;
      return right(id, response);
    });
    expect(errors(requests)).toEqual([]);
    // 200 a second were due in that second, and waited 1,000, 995, 990 ... ms.
    expect(countOf(requests, ({ dueMs, doneMs }) => doneMs - dueMs > 100)).toBeGreaterThanOrEqual(170);
    // Nobody is said to have waited less than the server kept them waiting, nor typically much more: client and
    // server share this process, which a busy machine makes late.
    const truth = new Map(did.map(({ id, tookMs }) => [id, tookMs]));
    const excess = requests
      .map(({ user = -1, dueMs, doneMs }) => doneMs - dueMs - (truth.get(user) ?? Number.POSITIVE_INFINITY))
      .sort((x, y) => x - y);
    expect(excess[0]).toBeGreaterThan(-2);
    expect(quantile(excess, 0.5)).toBeLessThan(500);
  });

  test("errors, throttles, resets, wrong answers: each counted exactly", async () => {
    const { requests, did } = await against(async (id, request, response) => {
      if (id % 100 === 7) return answer(response, 500, "{}");
      if (id % 50 === 11) return answer(response, 429, "{}");
      if (id % 100 === 13) {
        request.socket.destroy();
        return "reset";
      }
      if (id % 100 === 17) return (await answer(response, 200, JSON.stringify({ id: id + 1 }))) && "wrong";
      return right(id, response);
    });
    const logged = (what: string): number => countOf(did, (one) => one.what === what);
    const seen = (outcome: LoadRequest["outcome"], reply?: LoadRequest["reply"]): number =>
      countOf(requests, (one) => one.outcome === outcome && (reply === undefined || one.reply === reply));
    expect(seen("unexpected-status", 500)).toBe(logged("status 500"));
    expect(seen("throttled", 429)).toBe(logged("status 429"));
    expect(seen("connection", "reset")).toBe(logged("reset"));
    expect(seen("wrong-body")).toBe(logged("wrong"));
    expect([logged("status 500"), logged("status 429"), logged("reset"), logged("wrong")]).toEqual([
      4, 8, 4, 4,
    ]);
    expect(errors(requests)).toHaveLength(20);
  });

  test("a tenth slowed by 300 ms: the other nine tenths are not, and the quantiles say so", async () => {
    const { requests, did } = await against(async (id, _, response) => {
      if (id % 10 === 3) await sleep(300);
      return right(id, response);
    });
    expect(errors(requests)).toEqual([]);
    const sorted = latencies(requests);
    expect(countOf(sorted, (ms) => ms >= 299)).toBeGreaterThanOrEqual(40);
    expect(countOf(did, ({ tookMs }) => tookMs >= 299)).toBe(40);
    expect(quantile(sorted, 0.5)).toBeLessThan(150);
    expect(quantile(sorted, 0.95)).toBeGreaterThanOrEqual(299);
  });

  test("bodies that trickle: measured to the last byte, and the first byte apart", async () => {
    const { requests, did } = await against(async (id, _, response) => {
      if (id % 20 !== 5) return right(id, response);
      response.writeHead(200, { "content-type": "application/json" }).write(`{"id":`);
      await sleep(200);
      await new Promise<void>((resolve) => response.end(`${id}}`, () => resolve()));
      return "trickled";
    });
    expect(errors(requests)).toEqual([]);
    const gaps = requests.map(({ firstByteMs = 0, doneMs }) => doneMs - firstByteMs);
    expect(countOf(gaps, (ms) => ms > 150)).toBe(countOf(did, ({ what }) => what === "trickled"));
    expect(countOf(gaps, (ms) => ms > 150)).toBe(20);
  });

  test("death: what it had answered counts, everything after is a broken connection, and no request is lost", async () => {
    let dead = false;
    const { requests, did } = await against((id, request, response) => {
      if (id === 200) {
        dead = true;
        // As the kernel does to the connections of a process that is gone.
        (
          request.socket as unknown as { server: { close(): void; closeAllConnections(): void } }
        ).server.close();
        (
          request.socket as unknown as { server: { closeAllConnections(): void } }
        ).server.closeAllConnections();
        return "died";
      }
      return dead ? "never" : right(id, response);
    });
    expect(countOf(requests, ({ outcome }) => outcome === "ok")).toBe(
      countOf(did, ({ what }) => what === "right"),
    );
    const lost = errors(requests);
    expect(lost.length).toBeGreaterThanOrEqual(199);
    expect(new Set(lost.map(({ outcome }) => outcome))).toEqual(new Set(["connection"]));
    expect(countOf(lost, ({ reply }) => reply === "refused")).toBeGreaterThanOrEqual(190);
  });
});
