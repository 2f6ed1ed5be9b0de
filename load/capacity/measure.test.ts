import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { readRun } from "../../gates/evidence/index.ts";
import { emptyRun, listening } from "../fixture.ts";
import { toScenario } from "../scenario/read.ts";
import { CapacityOf } from "./measure.ts";

test("finds what a server holds that serves four at a time, 40 ms each: 100 a second", {
  timeout: 30_000,
}, async () => {
  const waiting: (() => void)[] = [];
  let free = 4;
  const url = await listening(async (_, response) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    await sleep(40);
    response.end("ok");
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }, onTestFinished);
  const run = emptyRun(onTestFinished);
  const search = {
    scenario: "one",
    start: 20,
    most: 400,
    stepSeconds: 1.5,
    replicates: 1,
    latencyMs: 200,
    slowShare: 0.1,
    errorShare: 0,
    recovery: { factor: 3, seconds: 0.5, within: 4 },
  };
  const given = {
    target: { name: "server", url, headers: {} },
    scenario: toScenario({ scenarios: [{ name: "one", flow: [{ get: { url: "/" } }] }] }, "one.yaml"),
    model: undefined,
    timeoutMs: 5_000,
    seed: 1,
    signal: new AbortController().signal,
  };
  const one = new CapacityOf(given, search, run, 50);
  await one.search(0);
  await one.recover(0);
  run.end();
  const { capacity, corrupt } = readRun(run.dir);
  expect(corrupt).toEqual([]);
  const [found, recovery] = capacity;
  expect(found).toMatchObject({ kind: "capacity", target: "server", replicate: 0, ended: "found" });
  // Over 1.5 s a queue of a tenth of 200 ms may build up: 100 a second, and a little more at once.
  expect(found?.rate).toBeGreaterThan(60);
  expect(found?.rate).toBeLessThan(125);
  expect(found?.steps.some(({ held, sent, planned }) => !held && sent < planned)).toBe(true);
  // Half a second of three times as much leaves about 100 requests too many, which take a second.
  expect(recovery).toMatchObject({ kind: "recovery", ended: "found" });
  expect(recovery?.recoveryMs).toBeGreaterThanOrEqual(500);
  expect(recovery?.recoveryMs).toBeLessThanOrEqual(3000);
});
