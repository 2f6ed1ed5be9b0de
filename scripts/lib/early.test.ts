import { expect, test } from "vitest";
import { type GateSpec, type RunOwner, readRun } from "../../gates/evidence/index.ts";
import { Interrupted } from "../../gates/exit.ts";
import { generatorSamples, loadRequests } from "../../gates/fixture.ts";
import { judgeGate } from "../../gates/judge.ts";
import { emptyRun } from "../../load/fixture.ts";
import { endEarly, watchLoad } from "./early.ts";

const gates: readonly GateSpec[] = [{ gate: "errorRate", limit: 0.001 }];
const candidate = { name: "server", role: "candidate" } as const;
const going = new AbortController().signal;

/** A run in which 200 of 230 requests that were sent came back, 20 of them as errors. */
function brokenRun(onFinished: Parameters<typeof emptyRun>[0]): RunOwner {
  const run = emptyRun(onFinished);
  const requests = loadRequests(200, 20, "server");
  run.updateTarget("server", { versionBefore: "1" });
  run.beginStage("load", "server", 5000);
  for (const request of requests) run.append("requests", request);
  for (const sample of generatorSamples(requests))
    run.append("generator", { ...sample, planned: 230, sent: 230 });
  return run;
}

test("a load that is proven broken is ended, and what it saw is a NO-GO", ({ onTestFinished }) => {
  const watch = watchLoad(gates, candidate);
  watch.seen({ requests: 100, errors: 1 });
  expect(watch.signal.aborted).toBe(false);
  watch.seen({ requests: 230, errors: 20 });
  expect(watch.signal.aborted).toBe(true);

  const run = brokenRun(onTestFinished);
  const said: string[] = [];
  expect(
    endEarly(new Interrupted(), run, new Map([["server", watch]]), going, (line) => said.push(line)),
  ).toBe(true);
  run.updateTarget("server", { versionAfter: "1" });
  run.end();
  const record = readRun(run.dir);
  expect(record.file.stages[0]).toMatchObject({ status: "done", planned: 200, finished: 200 });
  expect(record.file.stages[0]?.endedEarly).toMatch(/errorRate is proven to be over 0.1 %/);
  expect(said[0]).toContain("ended early");
  expect(judgeGate(record, gates[0] as GateSpec, new Date())).toMatchObject({ kind: "fail", n: 200, x: 20 });
});

test("only what the gates judge ends a load, and only that ending is taken for one", ({ onTestFinished }) => {
  const baseline = watchLoad(gates, { name: "old", role: "baseline" });
  baseline.seen({ requests: 230, errors: 200 });
  expect(baseline.signal.aborted).toBe(false);

  const watch = watchLoad(gates, candidate);
  watch.seen({ requests: 230, errors: 20 });
  const run = brokenRun(onTestFinished);
  const end = (error: unknown, own = watch, signal = going): boolean =>
    endEarly(error, run, new Map([["server", own]]), signal, () => undefined);
  expect(end(new Error("the disk is full"))).toBe(false);
  expect(end(new Interrupted(), baseline)).toBe(false);
  expect(end(new Interrupted(), watch, AbortSignal.abort())).toBe(false);
  expect(run.file.stages[0]?.status).toBe("running");
});
