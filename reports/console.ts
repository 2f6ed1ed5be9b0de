import { styleText } from "node:util";
import type { GateOutcome, Verdict } from "../gates/evidence/index.ts";
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

function reasonOf(gate: GateOutcome): string {
  const word = gate.kind === "pass" || gate.kind === "fail" ? "" : `${gate.kind}: `;
  return `${word}${visible(gate.reason)}${gate.required ? "" : " (not required)"}`;
}
