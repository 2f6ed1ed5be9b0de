import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRun, readRun } from "../../gates/evidence/index.ts";
import { judgedAt, runRecord, startedAt } from "../../gates/fixture.ts";
import { judge } from "../../gates/judge.ts";
import { temporaryFolder } from "../fixture.ts";
import { cells } from "./cells.ts";
import { spoil } from "./evidence.ts";
import { faultyProxy, type TargetFault } from "./proxy.ts";

/** A sound target: answers at once, with what it was sent and a total. */
const sound = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => response.end(`{"got":"${Buffer.concat(chunks)}","total":41}`));
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => sound.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(sound.address() as AddressInfo).port}`;
});
afterAll(() => {
  sound.closeAllConnections();
  sound.close();
});

/** What `count` requests through the proxy see, one after the other: status and body, or what broke. */
async function seen(fault: TargetFault | undefined, count: number): Promise<readonly string[]> {
  const proxy = await faultyProxy(url, fault);
  const replies: string[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const reply = await fetch(proxy.url, { method: "POST", body: "hi" }).catch(() => undefined);
      replies.push(reply ? `${reply.status} ${await reply.text()}` : "broken");
    }
  } finally {
    await proxy.close();
  }
  return replies;
}
const right = '200 {"got":"hi","total":41}';

describe("the proxy", () => {
  test("passes everything on when nothing is to go wrong", async () => {
    expect(await seen(undefined, 20)).toEqual(Array(20).fill(right));
  });

  test("breaks one of eight, and only as it is told to", async () => {
    for (const [fault, shown] of [
      ["error", /^500/],
      ["throttle", /^429/],
      ["reset", /^broken$/],
    ] as const) {
      const replies = await seen(fault, 16);
      expect(replies.filter((reply) => shown.test(reply))).toHaveLength(2);
      expect(replies.filter((reply) => reply === right)).toHaveLength(14);
    }
  });

  test("miscounts, trickles, and dies", async () => {
    expect(await seen("wrong answer", 2)).toEqual(Array(2).fill(right.replace("41", "42")));
    const from = performance.now();
    expect(await seen("trickle", 1)).toEqual([right]);
    expect(performance.now() - from).toBeGreaterThan(2_000);
    const replies = await seen("death", 45);
    expect(replies.slice(0, 39)).toEqual(Array(39).fill(right));
    expect(replies.slice(39)).toEqual(Array(6).fill("broken"));
  });
});

describe("evidence that something happened to is never GO", () => {
  const record = runRecord();

  test.each(["none", ...cells.filter(({ place }) => place === "evidence").map(({ fault }) => fault)])(
    "%s",
    (fault) => {
      const folder = temporaryFolder((close) => void closers.push(close));
      const { file, requests, generator, contracts, pact, coldStarts } = record;
      const run = createRun(folder, file, { now: () => new Date(startedAt) });
      for (const { name, target, planned, finished } of file.stages) {
        run.beginStage(name, target, planned);
        run.endStage(name, target, { finished, status: "done" });
      }
      if (file.pactPlan) run.setPactPlan(file.pactPlan);
      for (const result of pact) run.append("pact", result);
      for (const request of requests) run.append("requests", request);
      for (const sample of generator) run.append("generator", sample);
      for (const result of contracts) run.append("contracts", result);
      for (const sample of coldStarts) run.append("coldStarts", sample);
      run.end();
      if (fault !== "none") spoil(run.dir, fault as Parameters<typeof spoil>[1]);
      expect(judge(readRun(run.dir), judgedAt).verdict).toBe(fault === "none" ? "GO" : "INCONCLUSIVE");
    },
  );
  const closers: (() => unknown)[] = [];
  afterAll(() => {
    for (const close of closers) close();
  });
});
