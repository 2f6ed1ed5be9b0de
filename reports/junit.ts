import type { GateOutcome, PactResult, ParityFinding, RunRecord, Verdict } from "../gates/evidence/index.ts";
import { type ContractCell, contractCells, groups } from "./figures.ts";
import { gateName, settles } from "./outcomes.ts";
import { visible } from "./visible.ts";

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  /** Nothing: it passed. */
  readonly bad?: {
    readonly tag: "failure" | "error" | "skipped";
    readonly message: string;
    readonly text: string;
  };
}

interface Suite {
  readonly name: string;
  readonly className: string;
  readonly cases: readonly TestCase[];
}

/**
 * JUnit XML for CI: a suite of contract tests, one of pacts and one of parity for each target, and one of gates. What broke is a `failure`;
 * what could not be told, a planned test without a result among it, is an `error`.
 */
export function renderJUnit(record: RunRecord, verdict?: Verdict): string {
  const suites: Suite[] = groups(contractCells(record), (cell) => cell.target).map(([target, cells]) => ({
    name: `contracts on ${target}`,
    className: `contracts.${target}`,
    cases: cells.map(contractCase),
  }));
  for (const [target, own] of groups(record.pact, (result) => result.target))
    suites.push({ name: `pact on ${target}`, className: `pact.${target}`, cases: own.map(pactCase) });
  for (const [target, own] of groups(record.parity, (sequence) => sequence.target)) {
    const findings = record.parityFindings.filter((finding) => finding.target === target);
    const explored = { name: `${own.length} sequences`, seconds: 0 };
    const cases = [explored, ...findings.map(parityCase)];
    suites.push({ name: `parity of ${target}`, className: `parity.${target}`, cases });
  }
  if (verdict) suites.push({ name: "gates", className: "gates", cases: verdict.gates.map(gateCase) });
  const cases = suites.flatMap((suite) => suite.cases);
  const body = suites.map((suite) => renderSuite(suite, record.file.startedAt));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="cutover"${totals(cases)}>\n${body.join("")}</testsuites>\n`;
}

function contractCase({ id, operationId, outcome, result }: ContractCell): TestCase {
  const passed = { name: `${id} ${operationId}`, seconds: (result?.durationMs ?? 0) / 1000 };
  const bad = (tag: "failure" | "error" | "skipped", message: string, text = ""): TestCase => ({
    ...passed,
    bad: { tag, message, text },
  });
  switch (outcome) {
    case "held":
      return passed;
    case "broken": {
      const findings = result?.findings ?? [];
      const text = findings.map((one) =>
        [
          `${one.operation}${one.pointer === undefined ? "" : ` ${one.pointer}`}: ${one.message}`,
          `  got     ${one.got}`,
          `  wanted  ${one.wanted}`,
          ...(one.curl === undefined ? [] : [`  ${one.curl}`]),
        ].join("\n"),
      );
      return bad("failure", findings[0]?.message ?? result?.reason ?? "broken", text.join("\n\n"));
    }
    case "unreachable":
      return bad("error", `unreachable: ${result?.reason ?? "no reason given"}`);
    case "skipped":
      return bad("skipped", result?.reason ?? "no reason given");
    case "missing":
      return bad("error", "planned, but it left no result");
  }
}

function pactCase(result: PactResult): TestCase {
  const { consumer, version, interaction, outcome, reason, findings, durationMs } = result;
  const name = `${consumer}${version === undefined ? "" : ` ${version}`}: ${interaction}`;
  const passed = { name, seconds: durationMs / 1000 };
  if (outcome === "verified") return passed;
  const tag = ({ broken: "failure", refused: "failure", unverified: "error", pending: "skipped" } as const)[
    outcome
  ];
  const text = findings.map(({ path, expected, got, curl }) =>
    [
      `${path}`,
      `  expected  ${expected}`,
      `  got       ${got}`,
      ...(curl === undefined ? [] : [`  ${curl}`]),
    ].join("\n"),
  );
  return {
    ...passed,
    bad: { tag, message: findings[0]?.message ?? reason ?? outcome, text: text.join("\n\n") },
  };
}

function parityCase({
  title,
  class: kind,
  operation,
  differences,
  steps,
  accepted,
}: ParityFinding): TestCase {
  const name = `${operation}: ${title}`;
  if (accepted !== undefined) {
    const message = `accepted by ${accepted.owner} until ${accepted.expires}`;
    return { name, seconds: 0, bad: { tag: "skipped", message, text: "" } };
  }
  const text = [
    ...differences.map(
      ({ path, baseline, candidate }) => `${path}\n  baseline   ${baseline}\n  candidate  ${candidate}`,
    ),
    ...steps.map(
      ({ baseline, candidate }) =>
        `${candidate.method} ${candidate.url}: ${baseline.status}, ${candidate.status}`,
    ),
  ].join("\n");
  return { name, seconds: 0, bad: { tag: "failure", message: `${kind}: ${title}`, text } };
}

function gateCase(gate: GateOutcome): TestCase {
  const passed = { name: gateName(gate), seconds: 0 };
  if (gate.kind === "pass") return passed;
  const tag = !gate.required ? "skipped" : gate.kind === "fail" ? "failure" : "error";
  return { ...passed, bad: { tag, message: `${gate.kind}: ${gate.reason}`, text: settles(gate) } };
}

function renderSuite(suite: Suite, startedAt: string): string {
  const time = suite.cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
  const cases = suite.cases.map((one) => {
    const head = `    <testcase classname="${xml(suite.className)}" name="${xml(one.name)}" time="${one.seconds.toFixed(3)}"`;
    if (!one.bad) return `${head}/>\n`;
    const { tag, message, text } = one.bad;
    const inner = text === "" ? "/>" : `>${xml(text)}</${tag}>`;
    return `${head}>\n      <${tag} message="${xml(message)}"${inner}\n    </testcase>\n`;
  });
  const attributes = `${totals(suite.cases)} time="${time}" timestamp="${startedAt.slice(0, 19)}"`;
  return `  <testsuite name="${xml(suite.name)}"${attributes}>\n${cases.join("")}  </testsuite>\n`;
}

function totals(cases: readonly TestCase[]): string {
  const count = (tag: string): number => cases.filter((one) => one.bad?.tag === tag).length;
  return ` tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
}

/** Text for an element or attribute. */
function xml(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
