import { expect, test } from "vitest";
import type { GateSpec, ParityFinding, ParitySequence, RunRecord } from "../evidence/index.ts";
import { runRecord, startedAt } from "../fixture.ts";
import { parity } from "./parity.ts";

const spec: GateSpec = { gate: "parity", limit: 0.1 };

function sequences(count: number, change: Partial<ParitySequence> = {}): readonly ParitySequence[] {
  return Array.from({ length: count }, (_, seq) => ({
    ...{
      seq,
      target: "serverless",
      drawn: seq % 2 === 1 ? "independent" : "guided",
      strategy: "walk",
      operation: "getAccount",
    },
    ...{ pairs: 20, outcome: "same", replies: {} },
    ...change,
  }));
}

const finding: ParityFinding = {
  ...{
    id: "f",
    target: "serverless",
    title: "getPlan differs",
    class: "silent break",
    operation: "getPlan",
    kind: "value",
    path: "/name",
  },
  ...{ differences: [], steps: [], requests: 1, seenIn: 1, sequences: 1, confirmed: 4, tries: 4 },
};

function record(
  all: readonly ParitySequence[],
  findings: readonly ParityFinding[] = [],
  finished = all.length,
  status: "done" | "failed" = "done",
): RunRecord {
  const run = runRecord({ parity: all, parityFindings: findings });
  const stage = {
    name: "parity",
    target: "serverless",
    planned: finished,
    finished,
    status,
    startedAt,
    endedAt: startedAt,
  } as const;
  return { ...run, file: { ...run.file, stages: [...run.file.stages, stage] } };
}

test("no difference in enough sequences passes, with its bound; too few are inconclusive and say how many settle it", () => {
  const passed = parity.judge(record(sequences(60)), spec);
  expect(passed).toMatchObject({ kind: "pass", n: 30, x: 0 });
  expect(passed.upper).toBeCloseTo(0.095, 3);
  const open = parity.judge(record(sequences(20)), spec);
  expect(open).toMatchObject({ kind: "inconclusive", n: 10 });
  expect(open.needs?.n).toBeGreaterThan(10);
});

test("one confirmed difference fails, unless somebody accepts it; a stale acceptance fails too", () => {
  expect(parity.judge(record(sequences(60), [finding]), spec)).toMatchObject({ kind: "fail", x: 1 });
  const accepted = { ...finding, accepted: { owner: "ada", reason: "agreed", expires: "2026-12-31" } };
  expect(parity.judge(record(sequences(60), [accepted]), spec).kind).toBe("pass");
  expect(parity.judge(record(sequences(60), [{ ...finding, class: "stale acceptance" }]), spec).kind).toBe(
    "fail",
  );
});

test("missing, partial and doubtful evidence never passes", () => {
  expect(parity.judge(runRecord({ parity: sequences(60) }), spec).kind).toBe("absent");
  expect(parity.judge(record(sequences(60), [], 61), spec).kind).toBe("invalid");
  expect(parity.judge(record(sequences(60), [], 60, "failed"), spec).kind).toBe("invalid");
  expect(parity.judge(record([]), spec).kind).toBe("invalid");
  const holes = sequences(60).map((sequence) => ({ ...sequence, seq: sequence.seq + 1 }));
  expect(parity.judge(record(holes), spec).kind).toBe("invalid");
  const lost = sequences(60).map((sequence, index) =>
    index < 10 ? { ...sequence, outcome: "given-up" as const, why: "no answer" } : sequence,
  );
  expect(parity.judge(record(lost), spec)).toMatchObject({ kind: "inconclusive" });
  expect(parity.judge({ ...record(sequences(60)), truncated: ["parity"] }, spec).kind).toBe("invalid");
});
