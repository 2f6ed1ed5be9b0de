import { describe, expect, test } from "vitest";
import type { CapacityResult, GateOutcome, GateSpec, LoadRequest, RunRecord } from "./evidence/index.ts";
import { verdictShape } from "./evidence/schema.ts";
import { capacitySearches, judgedAt, loadRequests, runRecord } from "./fixture.ts";
import { judge } from "./judge.ts";
import { issuesOf } from "./shape.ts";

const judged = (spec: GateSpec, parts: Parameters<typeof runRecord>[0] = {}): GateOutcome =>
  outcomeOf(runRecord({ gates: [spec], ...parts }));

function outcomeOf(record: RunRecord): GateOutcome {
  const verdict = judge(record, judgedAt);
  expect(issuesOf(verdictShape, JSON.parse(JSON.stringify(verdict)))).toEqual([]);
  return verdict.gates[0] as GateOutcome;
}

/** Requests that each took so long, the last `slow` of them 1,000 ms. */
function taking(ms: number, n: number, slow = 0, target = "serverless"): readonly LoadRequest[] {
  return loadRequests(n, 0, target).map((request) => ({
    ...request,
    doneMs: request.dueMs + (request.seq >= n - slow ? 1000 : ms + (request.seq % 10)),
  }));
}
const change = (
  requests: readonly LoadRequest[],
  count: number,
  by: Partial<LoadRequest>,
): readonly LoadRequest[] => requests.map((one) => (one.seq < count ? { ...one, ...by } : one));
const endedEarly = (record: RunRecord): RunRecord => ({
  ...record,
  file: {
    ...record.file,
    stages: record.file.stages.map((stage) =>
      stage.name === "load" ? { ...stage, endedEarly: "errorRate is proven broken." } : stage,
    ),
  },
});

describe("latency", () => {
  test("absolute: 59 requests under the limit bound the P95, 299 the P99", () => {
    expect(judged({ gate: "latency.p95", limit: 200 }, { requests: taking(100, 59) })).toMatchObject({
      kind: "pass",
      upper: 109,
      n: 59,
      x: 0,
    });
    expect(judged({ gate: "latency.p95", limit: 200 }, { requests: taking(100, 58) })).toMatchObject({
      kind: "inconclusive",
      needs: { command: expect.stringContaining("--requests 153") },
    });
    expect(judged({ gate: "latency.p99", limit: 200 }, { requests: taking(100, 299) }).kind).toBe("pass");
    expect(judged({ gate: "latency.p99", limit: 200 }, { requests: taking(100, 299, 1) }).kind).toBe(
      "inconclusive",
    );
    expect(judged({ gate: "latency.p99", limit: 200 }, { requests: taking(100, 300, 20) })).toMatchObject({
      kind: "fail",
      x: 20,
      lower: 1000,
    });
  });

  test("counts from when a request was due, and a failed one as slower than any", () => {
    const late = change(taking(100, 300), 20, { sentMs: 5, dueMs: -900 });
    expect(judged({ gate: "latency.p99", limit: 200 }, { requests: late }).kind).not.toBe("pass");
    const failed = change(taking(100, 300), 20, { outcome: "unexpected-status", reply: 500 });
    expect(judged({ gate: "latency.p99", limit: 200 }, { requests: failed })).toMatchObject({
      kind: "fail",
      x: 20,
      estimate: null,
    });
  });

  test("leaves out the warm-up, unless it is asked for, and looks at the phases and endpoints named", () => {
    const requests = change(taking(100, 400), 30, { phase: "warm-up", doneMs: 1e6 });
    expect(judged({ gate: "latency.p99", limit: 200 }, { requests })).toMatchObject({ kind: "pass", n: 370 });
    expect(judged({ gate: "latency.p99", limit: 200, phases: ["warm-up"] }, { requests })).toMatchObject({
      kind: "fail",
      n: 30,
      scope: "warm-up",
    });
    const one = judged({ gate: "latency.p95", limit: 200, endpoints: ["getAccount"] }, { requests });
    expect(one).toMatchObject({ scope: "getAccount" });
    expect(one.n).toBeLessThan(140);
    expect(judged({ gate: "latency.p95", limit: 200, endpoints: ["nothing"] }, { requests })).toMatchObject({
      kind: "invalid",
      reason: "No request was made in nothing on serverless.",
    });
  });

  const both = (candidate: readonly LoadRequest[], baseline: readonly LoadRequest[]) => ({
    requests: [...baseline, ...candidate],
  });
  const relative: GateSpec = { gate: "latency.p95", margin: 0.1, required: true };

  test("against the baseline: equal ones pass, a fifth slower fails, in between is open", () => {
    const baseline = taking(100, 600, 0, "monolith");
    expect(judged(relative, both(taking(100, 600), baseline))).toMatchObject({ kind: "pass", unit: "ratio" });
    expect(judged(relative, both(taking(130, 600), baseline))).toMatchObject({ kind: "fail" });
    expect(judged(relative, both(taking(100, 50), baseline))).toMatchObject({
      kind: "inconclusive",
      needs: { command: expect.stringContaining("--requests") },
    });
    const failing = change(taking(50, 600), 60, { outcome: "timeout", reply: "timeout" });
    expect(judged(relative, both(failing, baseline))).toMatchObject({ kind: "fail", estimate: null });
  });

  test("against the baseline it takes both loads, and a generator that vouches for both", () => {
    expect(judged(relative, { requests: taking(100, 600) })).toMatchObject({ kind: "absent" });
    const record = runRecord({
      gates: [relative],
      ...both(taking(100, 600), taking(100, 600, 0, "monolith")),
    });
    const late = record.generator.map((one) =>
      one.target === "monolith" ? { ...one, planned: one.planned + 9 } : one,
    );
    expect(outcomeOf({ ...record, generator: late }).kind).toBe("invalid");
  });

  test("against the baseline it only decides for a user's systems", () => {
    const { required: _, ...spec } = relative;
    const parts = both(taking(130, 600), taking(100, 600, 0, "monolith"));
    expect(judged(spec, parts)).toMatchObject({ kind: "fail", required: false });
    const record = runRecord({ gates: [spec], ...parts });
    const targets = record.file.targets.map(({ bundled: _b, ...target }) => target);
    expect(outcomeOf({ ...record, file: { ...record.file, targets } })).toMatchObject({ required: true });
  });
});

describe("throttleRate and correctnessUnderLoad", () => {
  const clean = loadRequests(3000);
  test("throttles are counted apart, also as an HTTP API shows them", () => {
    const spec: GateSpec = { gate: "throttleRate", limit: 0.001 };
    expect(judged(spec, { requests: clean }).kind).toBe("pass");
    const throttled = change(clean, 30, { outcome: "throttled", reply: 429 });
    expect(judged(spec, { requests: throttled })).toMatchObject({ kind: "fail", x: 30 });
    const hidden = change(clean, 30, { outcome: "unexpected-status", reply: 503 });
    expect(judged(spec, { requests: hidden })).toMatchObject({ kind: "fail", x: 30 });
    const crashed = change(clean, 30, { outcome: "unexpected-status", reply: 500 });
    expect(judged(spec, { requests: crashed })).toMatchObject({ kind: "pass", x: 0 });
  });

  test("one wrong answer is enough, whatever its status; none at all is not", () => {
    const spec: GateSpec = { gate: "correctnessUnderLoad", limit: 0.001 };
    expect(judged(spec, { requests: clean }).kind).toBe("pass");
    expect(judged(spec, { requests: clean.slice(0, 100) }).kind).toBe("inconclusive");
    const wrong = change(clean, 1, { outcome: "wrong-body", reply: 200 });
    expect(judged(spec, { requests: wrong })).toMatchObject({
      kind: "fail",
      x: 1,
      reason: expect.stringContaining("1 of createAccount"),
    });
    const lost = change(clean, 1, { outcome: "unexpected-status", reply: 404 });
    expect(judged(spec, { requests: lost }).kind).toBe("fail");
    const down = change(clean, 1, { outcome: "unexpected-status", reply: 500 });
    expect(judged(spec, { requests: down }).kind).toBe("pass");
  });
});

describe("capacity", () => {
  const ratio: GateSpec = { gate: "capacity.ratio", limit: 0.9, required: true };
  const baseline = capacitySearches("monolith", [100, 103, 98, 101, 99]);
  const withCandidate = (rates: readonly number[], by: Partial<CapacityResult> = {}) => ({
    capacity: [
      ...baseline,
      ...capacitySearches("serverless", rates).map((one, i) => (i === 0 ? { ...one, ...by } : one)),
    ],
  });

  test("as good passes, a third less fails, one replicate or a wide spread is open", () => {
    expect(judged(ratio, withCandidate([101, 99, 100, 102, 98]))).toMatchObject({ kind: "pass", n: 5 });
    expect(judged(ratio, withCandidate([66, 68, 67, 65, 66]))).toMatchObject({ kind: "fail" });
    expect(judged(ratio, withCandidate([100])).kind).toBe("inconclusive");
    expect(judged(ratio, withCandidate([150, 60, 140, 70, 100]))).toMatchObject({
      kind: "inconclusive",
      needs: { command: expect.stringMatching(/npm run capacity .*--replicates \d+/) },
    });
  });

  test("a search without end on one side bounds one side only", () => {
    const atLeast = { ended: "at-least" } as const;
    expect(judged(ratio, withCandidate([101, 99, 100, 102, 98], atLeast)).kind).toBe("pass");
    expect(judged(ratio, withCandidate([66, 68, 67, 65, 66], atLeast)).kind).toBe("inconclusive");
    const open = {
      capacity: [
        ...baseline.map((one) => ({ ...one, ...atLeast })),
        ...capacitySearches("serverless", [101, 99, 100]),
      ],
    };
    expect(judged(ratio, open).kind).toBe("inconclusive");
    const step = {
      rate: 40,
      seconds: 5,
      planned: 9,
      sent: 9,
      errors: 9,
      throttled: 0,
      slow: 9,
      cold: 0,
      held: false,
      trusted: true,
    };
    const below = { ended: "below", rate: null, steps: [step] } as const;
    expect(judged(ratio, withCandidate([42, 41, 40, 43, 42], below)).kind).toBe("fail");
    expect(judged(ratio, withCandidate([101, 99, 100, 102, 98], below)).kind).toBe("inconclusive");
  });

  test("an untrusted generator, a missing or repeated replicate make it invalid; no search is absent", () => {
    expect(judged(ratio, withCandidate([101, 99], { ended: "untrusted" })).kind).toBe("invalid");
    expect(judged(ratio, withCandidate([101, 99], { replicate: 1 })).kind).toBe("invalid");
    expect(judged(ratio, { capacity: baseline }).kind).toBe("absent");
  });

  test("absolute: a rate that is held in every replicate with room to spare", () => {
    const spec: GateSpec = { gate: "capacity.absolute", limit: 90 };
    expect(judged(spec, withCandidate([101, 99, 100]))).toMatchObject({ kind: "pass", unit: "perSecond" });
    expect(judged(spec, withCandidate([60, 61, 59])).kind).toBe("fail");
    expect(judged(spec, withCandidate([95, 85, 100])).kind).toBe("inconclusive");
  });

  test("recoveryTime: five bursts of five, and one that it never came back from counts", () => {
    const spec: GateSpec = { gate: "recoveryTime", limit: 10_000 };
    const bursts = (times: readonly (number | null)[]) => ({
      capacity: capacitySearches(
        "serverless",
        times.map(() => 80),
      ).map((one, i): CapacityResult => ({ ...one, kind: "recovery", recoveryMs: times[i] ?? null })),
    });
    expect(judged(spec, bursts([0, 900, 1200, 800, 4000]))).toMatchObject({
      kind: "pass",
      x: 0,
      upper: 4000,
    });
    expect(judged(spec, bursts([0, 900, 1200, 800])).kind).toBe("inconclusive");
    expect(judged(spec, bursts([0, 900, 1200, 800, null])).kind).toBe("inconclusive");
    expect(judged(spec, bursts([null, null, null, null, null])).kind).toBe("fail");
  });
});

describe("sequential gates, and a load that was ended because a gate was proven broken", () => {
  test("an e-process decides: it takes a fifth more without an error, and may be looked at any time", () => {
    const spec: GateSpec = { gate: "errorRate", limit: 0.001, sequential: true };
    expect(judged(spec, { requests: loadRequests(3591) }).kind).toBe("pass");
    expect(judged(spec, { requests: loadRequests(3590) })).toMatchObject({
      kind: "inconclusive",
      needs: { n: expect.any(Number) },
    });
    expect(judged(spec, { requests: loadRequests(500, 10) })).toMatchObject({ kind: "fail" });
  });

  test("a load that was ended early is proof against the gate that ended it, and for no other", () => {
    const requests = loadRequests(600, 12);
    const early = (spec: GateSpec): GateOutcome =>
      outcomeOf(endedEarly(runRecord({ gates: [spec], requests })));
    expect(early({ gate: "errorRate", limit: 0.001 }).kind).toBe("fail");
    expect(early({ gate: "latency.p95", limit: 1 }).kind).toBe("fail");
    expect(early({ gate: "latency.p95", margin: 0.1, required: true }).kind).toBe("absent");
    // Fixed-size bounds would call this proven; after looking every second it is not.
    const few = outcomeOf(
      endedEarly(
        runRecord({ gates: [{ gate: "errorRate", limit: 0.001 }], requests: loadRequests(3000, 8) }),
      ),
    );
    expect(few.kind).toBe("inconclusive");
  });
});
