import { styleText } from "node:util";
import type { GateOutcome, PactResult, Verdict } from "../gates/evidence/index.ts";
import { groups } from "./figures.ts";
import { gateName, outcomeMarks } from "./outcomes.ts";
import { visible } from "./visible.ts";

const colours = {
  GO: ["bold", "green"],
  "NO-GO": ["bold", "red"],
  INCONCLUSIVE: ["bold", "yellow"],
  pass: "green",
  fail: "red",
  inconclusive: "yellow",
  invalid: "yellow",
  absent: "yellow",
} as const;

export interface ConsoleOptions {
  readonly colour: boolean;
  /** Where the HTML report is, for the last line. */
  readonly reportPath?: string;
}

/** The one block a run ends with on a terminal: verdict, why, gates, where to read on. */
export function renderConsole(verdict: Verdict, options: ConsoleOptions): string {
  const paint = (kind: keyof typeof colours, text: string): string =>
    options.colour ? styleText([...[colours[kind]].flat()], text, { validateStream: false }) : text;
  const width = Math.max(0, ...verdict.gates.map((gate) => gateName(gate).length));
  const gateLines = verdict.gates.flatMap((gate) => [
    `  ${paint(gate.kind, outcomeMarks[gate.kind])} ${gateName(gate).padEnd(width)}  ${reasonOf(gate)}`,
    ...(gate.needs ? [`    ${"".padEnd(width)}  To settle it: ${gate.needs.command}`] : []),
  ]);
  return [
    `${paint(verdict.verdict, verdict.verdict)}  ${visible(verdict.why)}`,
    ...gateLines,
    ...(options.reportPath === undefined ? [] : [`  Report: ${options.reportPath}`]),
    "",
  ].join("\n");
}

/** How each target kept the pacts: a line for each, then every interaction that it did not keep. */
export function renderPactResults(results: readonly PactResult[]): string {
  const lines = groups(results, (result) => result.target).map(([target, own]) => {
    const held = own.filter(({ outcome }) => outcome === "verified").length;
    return `${held} of ${own.length} interactions verified on ${target}`;
  });
  const bad = results.filter(({ outcome }) => outcome !== "verified");
  return [...lines, ...bad.map(renderPactResult)].join("\n");
}

function renderPactResult(result: PactResult): string {
  const { consumer, version, interaction, operation, target, outcome, reason, findings } = result;
  const who = `${consumer}${version === undefined ? "" : ` ${version}`}: “${interaction}”`;
  return [
    `\n${outcome} on ${target}  ${visible(who)}${operation === undefined ? "" : ` (${visible(operation)})`}`,
    ...(reason === undefined ? [] : [`  ${visible(reason)}`]),
    ...findings.flatMap(({ path, expected, got }) => [
      `  at        ${visible(path)}`,
      `  expected  ${visible(expected)}`,
      `  got       ${visible(got)}`,
    ]),
    ...new Set(findings.flatMap(({ curl }) => (curl === undefined ? [] : [`  ${visible(curl)}`]))),
  ].join("\n");
}

function reasonOf(gate: GateOutcome): string {
  const word = gate.kind === "pass" || gate.kind === "fail" ? "" : `${gate.kind}: `;
  return `${word}${visible(gate.reason)}${gate.required ? "" : " (not required)"}`;
}
