import { describe, expect, test } from "vitest";
import type { GateSpec, PactResult, RunRecord } from "../evidence/index.ts";
import { judgedAt, pactResults, runRecord, startedAt } from "../fixture.ts";
import { judgeGate } from "../judge.ts";

const spec: GateSpec = { gate: "pact", cases: 2 };
const good = runRecord();
const outcome = (record: RunRecord, asked = spec) => judgeGate(record, asked, judgedAt);
const withPact = (pact: readonly PactResult[]): RunRecord => runRecord({ pact });
const monolith = pactResults("monolith");
const [first, second] = pactResults("serverless") as [PactResult, PactResult];

describe("the gate over pacts", () => {
  test("passes when every interaction was verified on each target", () => {
    expect(outcome(good)).toMatchObject({ kind: "pass", n: 4, x: 0 });
    expect(outcome(good).reason).toContain("dashboard, erp");
    expect(outcome(good).reason).toContain("2 on each target");
  });

  test("fails, and names the consumer that would break, on which target only", () => {
    const broken = withPact([...monolith, first, { ...second, outcome: "broken" }]);
    expect(outcome(broken)).toMatchObject({ kind: "fail", x: 1 });
    expect(outcome(broken).reason).toBe("erp would break: erp “an open invoice” on serverless only.");
  });

  test("fails on what was refused before any target was asked", () => {
    const refused = withPact(
      [...monolith, first, second].map((one) => ({ ...one, outcome: "refused" }) as const),
    );
    expect(outcome(refused)).toMatchObject({ kind: "fail", x: 4 });
  });

  test.each<readonly [string, RunRecord, string]>([
    [
      "one was not verified",
      withPact([...monolith, first, { ...second, outcome: "unverified", reason: "the state failed" }]),
      "the state failed",
    ],
    ["a target has fewer results", withPact([...monolith, first]), "no result"],
    ["a result is there twice", withPact([...monolith, first, second, second]), "not exactly one"],
    ["one was never planned", withPact([...monolith, first, { ...second, interaction: "x" }]), "“x”"],
    [
      "all is pending",
      withPact([...monolith, first, second].map((one) => ({ ...one, outcome: "pending" }) as const)),
      "Everything",
    ],
    ["nothing was planned", { ...withPact([]), file: planned(withPact([]), []) }, "no interaction"],
    [
      "only some was asked for",
      { ...good, file: { ...good.file, pactPlan: { interactions: [], unused: [], partial: true } } },
      "Only some",
    ],
    ["the plan is not there", { ...good, file: planned(good, undefined) }, "not recorded"],
    [
      "a line cannot be read",
      { ...good, corrupt: [{ stream: "pact", line: 1, message: "" }] },
      "cannot be read",
    ],
    ["the last line was cut off", { ...good, truncated: ["pact"] }, "cut off"],
    ["the stage failed", { ...good, file: stageStatus("failed") }, "failed"],
    ["the stage was cut short", { ...good, file: stageStatus("running") }, "cut short"],
  ])("is invalid when %s", (_, record, why) => {
    expect(outcome(record)).toMatchObject({ kind: "invalid" });
    expect(outcome(record).reason).toContain(why);
  });

  test("is invalid when the pacts hold another number than was asked for", () => {
    expect(outcome(good, { gate: "pact", cases: 3 })).toMatchObject({ kind: "invalid" });
  });

  test("is absent when the stage did not begin, or a side is missing", () => {
    expect(outcome({ ...withPact([]), file: stageStatus("missing") })).toMatchObject({ kind: "absent" });
    const half = { ...good, file: { ...good.file, targets: good.file.targets.slice(0, 1) } };
    expect(outcome(half)).toMatchObject({ kind: "absent" });
  });

  test("counts nothing that is pending", () => {
    const some = withPact(
      [monolith, [first, second]].flatMap(([one, two]) => [
        one as PactResult,
        { ...(two as PactResult), outcome: "pending" } as const,
      ]),
    );
    expect(outcome(some)).toMatchObject({ kind: "pass", estimate: 2 });
    expect(outcome(some).reason).toContain("2 pending, not counted");
  });
});

function planned(record: RunRecord, interactions: [] | undefined): RunRecord["file"] {
  const { pactPlan: _, ...file } = record.file;
  return interactions === undefined ? file : { ...file, pactPlan: { interactions, unused: [] } };
}

function stageStatus(status: "failed" | "running" | "missing"): RunRecord["file"] {
  const stages = good.file.stages.map((stage) =>
    stage.name === "pact"
      ? { name: stage.name, target: stage.target, planned: 2, finished: 2, status, startedAt }
      : stage,
  );
  return { ...good.file, stages };
}
