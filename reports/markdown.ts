import type { RunRecord, Verdict } from "../gates/evidence/index.ts";
import { formatCount } from "../gates/format.ts";
import { cutoverPlan } from "./cutover-plan.ts";
import { contractCells, coverage, groups, repeatCommand } from "./figures.ts";
import { gateBounds, gateName, gateValue, outcomeMarks } from "./outcomes.ts";
import { visible } from "./visible.ts";

/** More broken contracts than this are counted, not listed: a pull request is read on a phone. */
const LISTED = 10;

/** `summary.md`: short enough for a pull request. */
export function renderMarkdown(record: RunRecord, verdict?: Verdict): string {
  const blocks = [
    verdict ? `## ${verdict.verdict}: ${text(verdict.why)}` : "## Not judged yet",
    verdict && gateTable(verdict),
    verdict && settling(verdict),
    contractLines(record),
    parityLines(record),
    `Profile \`${record.file.profile.name}\` (${text(record.file.profile.label)}), commit ${commit(record)}, run \`${record.file.runId}\`.`,
    `Repeat it: \`${repeatCommand(record)}\``,
  ];
  return `${blocks.filter((block) => block).join("\n\n")}\n`;
}

function gateTable(verdict: Verdict): string {
  const rows = verdict.gates.map((gate) =>
    [
      `${outcomeMarks[gate.kind]} ${gate.kind}`,
      `${gateName(gate)}${gate.required ? "" : " (not required)"}`,
      gateValue(gate, gate.estimate),
      gateBounds(gate),
      gate.n === undefined ? "" : formatCount(gate.n),
      gateValue(gate, gate.limit),
      gate.reason,
    ]
      .map(text)
      .join(" | "),
  );
  return [
    "| outcome | gate | estimate | 95 % bounds | n | limit | why |",
    "|---|---|--:|--:|--:|--:|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

function settling(verdict: Verdict): string {
  const open = verdict.gates.flatMap((gate) => (gate.needs ? [{ gate, needs: gate.needs }] : []));
  return open
    .map(({ gate, needs }) => `To settle ${gateName(gate)}: \`${needs.command}\` (${text(needs.because)}).`)
    .join("\n\n");
}

function contractLines(record: RunRecord): string {
  const cells = contractCells(record);
  if (cells.length === 0) return "No contract test ran.";
  const held = groups(cells, (cell) => cell.target).map(
    ([target, own]) =>
      `${own.filter((cell) => cell.outcome === "held").length} of ${own.length} on ${text(target)}`,
  );
  const covered = coverage(record);
  const documented = covered
    ? ` Documented cells: ${covered.seen} seen, ${covered.exempt} exempt, ${covered.unseen} never seen.`
    : "";
  const bad = cells.filter((cell) => cell.outcome !== "held");
  const lines = bad.slice(0, LISTED).map(({ id, operationId, target, outcome, result }) => {
    const [finding] = result?.findings ?? [];
    const found = finding
      ? `: ${finding.pointer === undefined ? "" : `\`${code(finding.pointer)}\` `}got \`${code(finding.got)}\`, wanted \`${code(finding.wanted)}\``
      : result?.reason === undefined
        ? ""
        : `: ${text(result.reason)}`;
    return `- ${id} ${operationId} on ${text(target)} ${outcome}${found}`;
  });
  if (bad.length > LISTED) lines.push(`- and ${bad.length - LISTED} more in report.html`);
  return [
    `Contracts held: ${held.join(", ")}.${documented}`,
    ...(lines.length > 0 ? [lines.join("\n")] : []),
  ].join("\n\n");
}

function parityLines(record: RunRecord): string | undefined {
  if (record.parity.length === 0) return undefined;
  const open = record.parityFindings.filter(({ accepted }) => accepted === undefined);
  const { routes } = cutoverPlan(record);
  const head = `Parity: ${open.length} differences in ${formatCount(record.parity.length)} sequences. ${routes.filter(({ ready }) => ready).length} of ${routes.length} routes have earned a shift.`;
  const lines = open.slice(0, LISTED).map((finding) => `- ${finding.class}: ${text(finding.title)}`);
  return [head, ...(lines.length > 0 ? [lines.join("\n")] : [])].join("\n\n");
}

function commit(record: RunRecord): string {
  const { commit, dirty } = record.file.git;
  return commit === null ? "unknown" : `\`${commit.slice(0, 12)}\`${dirty ? " with changes" : ""}`;
}

/** Plain text in a Markdown table or sentence. */
function text(value: string): string {
  return visible(value)
    .replace(/[\\`*_[\]|<>]/g, (character) => `\\${character}`)
    .replace(/\s+/g, " ");
}

/** Text between backticks. */
function code(value: string): string {
  return visible(value).replaceAll("`", "'").replaceAll("|", "\\|").replace(/\s+/g, " ").slice(0, 200);
}
