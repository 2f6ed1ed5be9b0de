import { expect, onTestFinished, test } from "vitest";
import {
  type GateOutcome,
  type GateSpec,
  type LoadHistogram,
  type LoadRequest,
  type RunRecord,
  readRun,
} from "../../gates/evidence/index.ts";
import { judgedAt, loadRequests, runRecord } from "../../gates/fixture.ts";
import { judge } from "../../gates/judge.ts";
import { sampleOf } from "../../gates/load-sample.ts";
import { BUCKET_ERROR } from "../../gates/statistics/histogram.ts";
import { emptyRun, listening } from "../fixture.ts";
import { toScenario } from "../scenario/read.ts";
import { drive } from "./drive.ts";
import { Histograms } from "./histograms.ts";

const gates: readonly GateSpec[] = [
  { gate: "generator" },
  { gate: "errorRate", limit: 0.01 },
  { gate: "errorRate", limit: 0.003 },
  { gate: "errorRate", limit: 0.0001 },
  { gate: "errorRate", limit: 0.01, endpoints: ["createAccount"] },
  { gate: "throttleRate", limit: 0.01 },
  { gate: "correctnessUnderLoad", limit: 0.01 },
  { gate: "latency.p95", limit: 40 },
  { gate: "latency.p99", limit: 25 },
  { gate: "latency.p99", limit: 250 },
  { gate: "latency.p95", margin: 0.1 },
];

/** The same load, as two workers would have counted it. */
function inHistograms(record: RunRecord): RunRecord {
  const histograms: LoadHistogram[] = [];
  for (const own of Map.groupBy(record.requests, ({ target }) => target).values()) {
    for (const worker of [0, 1]) {
      const writer = new Histograms({ append: (_, one) => histograms.push(one as LoadHistogram) });
      for (const request of own.filter(({ seq }) => seq % 2 === worker)) {
        writer.add({ ...request, worker });
        if (request.seq % 500 < 2) writer.report();
      }
      writer.report();
    }
  }
  return { ...record, requests: [], histograms };
}

const outcomes = (record: RunRecord): readonly GateOutcome[] => judge(record, judgedAt).gates;

test("every gate on a load says of histograms what it says of requests, bounds being no better", () => {
  const requests = [...loadRequests(3000, 5), ...loadRequests(3000, 0, "monolith")].map(
    (one): LoadRequest => (one.seq === 7 ? { ...one, outcome: "throttled", reply: 429 } : one),
  );
  const exact = runRecord({ requests, gates });
  const counted = inHistograms(exact);
  expect(counted.histograms.length).toBeGreaterThan(20);
  const kinds = new Set<string>();
  for (const [index, of] of outcomes(exact).entries()) {
    const one = outcomes(counted)[index];
    expect([one?.kind, one?.n, one?.x]).toEqual([of.kind, of.n, of.x]);
    kinds.add(of.kind);
    for (const side of ["upper", "lower"] as const) {
      const [bound, other] = [of[side], one?.[side]];
      expect(typeof other).toBe(typeof bound);
      if (typeof bound !== "number" || typeof other !== "number") continue;
      const worse = side === "upper" ? other / bound : bound / other;
      if (bound === 0) expect(other).toBe(0);
      else expect(worse).toBeGreaterThan(1 - 1e-9);
      if (bound > 0) expect(worse).toBeLessThan((1 + BUCKET_ERROR) ** 4);
    }
    if (of.gate.startsWith("latency")) expect(one?.reason).toContain("allows for their error of 0.0977 %");
  }
  expect([...kinds].sort()).toEqual(["fail", "inconclusive", "pass"]);
});

test("what a bucket across the limit holds counts as over it, and proves nothing against the target", () => {
  const requests = loadRequests(3000).map((one) => ({ ...one, doneMs: one.dueMs + 100 }));
  // The bucket of 100 ms ends at 100.031.
  const record = runRecord({ requests, gates: [{ gate: "latency.p99", limit: 100.01 }] });
  expect(outcomes(record)).toMatchObject([{ kind: "pass", x: 0 }]);
  expect(outcomes(inHistograms(record))).toMatchObject([{ kind: "inconclusive", x: 3000, pValue: 1 }]);
});

test("a record that is gone, or holds other requests than it counts, makes the load invalid", () => {
  const counted = inHistograms(runRecord({ gates: [{ gate: "generator" }] }));
  expect(outcomes(counted)).toMatchObject([{ kind: "pass" }]);
  const gone = { ...counted, histograms: counted.histograms.slice(1) };
  expect(outcomes(gone)).toMatchObject([{ kind: "invalid" }]);
  const [first, ...rest] = counted.histograms as [LoadHistogram, ...LoadHistogram[]];
  const altered = { ...counted, histograms: [{ ...first, latency: first.latency.slice(2) }, ...rest] };
  expect(outcomes(altered)).toMatchObject([{ kind: "invalid" }]);
});

test("a load that may be too large to keep each request is counted, not one missing", async () => {
  const url = await listening((_, response) => void response.end("ok"), onTestFinished);
  const run = emptyRun(onTestFinished);
  const { recorded } = await drive({
    target: { name: "server", url, headers: {} },
    phases: [
      { name: "warm-up", rate: 100, seconds: 0.5 },
      { name: "steady", rate: 200, seconds: 1 },
    ],
    budget: 3_000_000,
    timeoutMs: 500,
    seed: 1,
    scenario: toScenario({ scenarios: [{ name: "things", flow: [{ get: { url: "/" } }] }] }, "things.yaml"),
    model: undefined,
    evidence: run,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  run.end();
  const record = readRun(run.dir);
  const sample = sampleOf(record, "server");
  expect(recorded).toBe(250);
  expect(record.requests).toEqual([]);
  expect([...sample.tally(({ phase, reply }) => `${phase} ${reply}`)]).toEqual([
    ["warm-up 200", 50],
    ["steady 200", 200],
  ]);
  expect(sample.waits().length).toBe(250);
  expect(sample.incomplete()).toEqual([]);
});
