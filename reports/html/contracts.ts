import type { Finding, RunRecord } from "../../gates/evidence/index.ts";
import { formatMs, plural } from "../../gates/format.ts";
import { type CellState, type ContractCell, contractCells, coverage, groups } from "../figures.ts";
import { type Html, html, section } from "./markup.ts";

const marks: Readonly<Record<ContractCell["outcome"], string>> = {
  held: "✓",
  broken: "✗",
  unreachable: "!",
  skipped: "–",
  missing: "?",
};
const cellMarks: Readonly<Record<CellState, string>> = { seen: "✓", exempt: "–", unseen: "✗", none: "" };

/** Every contract test on every target, with what is wrong laid open. */
export function contractsSection(record: RunRecord): Html | undefined {
  const cells = contractCells(record);
  if (cells.length === 0) return undefined;
  const targets = [...new Set(cells.map((cell) => cell.target))];
  const held = targets.map((target) => {
    const own = cells.filter((cell) => cell.target === target);
    return `${own.filter((cell) => cell.outcome === "held").length} of ${own.length} held on ${target}`;
  });
  const bad = cells.filter((cell) => cell.outcome !== "held");
  return section(
    "contracts",
    "Contracts",
    `${held.join(", ")}. One test for each operation; the marks stand for ${targets.join(", ")}, in this order.`,
    bad.map(badResult),
    bad.length > 0 && html`<h3>All operations</h3>`,
    html`<ul class="operations">
${groups(cells, (cell) => cell.id).map(([, own]) => operationItem(own))}</ul>
`,
  );
}

function operationItem(cells: readonly ContractCell[]): Html {
  const [first] = cells;
  return html`<li><span class="id">${first?.id}</span><span class="name">${first?.operationId}</span><span class="marks">${cells.map(
    (cell) =>
      html`<span class="mark ${cell.outcome}" title="${cell.target}: ${cell.outcome}${cell.result ? `, ${formatMs(cell.result.durationMs)}` : ""}">${marks[cell.outcome]}</span>`,
  )}</span></li>
`;
}

function badResult({ id, operationId, target, outcome, result }: ContractCell): Html {
  const findings = result?.findings ?? [];
  const count = findings.length > 1 ? `, ${plural(findings.length, "finding")}` : "";
  const reason = outcome === "missing" ? "It was planned, but left no result." : result?.reason;
  return html`<details open>
<summary><span class="mark ${outcome}">${marks[outcome]} ${outcome}</span> ${id} ${operationId} on ${target}${count}</summary>
${reason !== undefined && html`<p>${reason}</p>`}${findings.map(findingItem)}</details>
`;
}

function findingItem(finding: Finding): Html {
  const facts = [
    ["operation", finding.operation],
    ["at", finding.pointer === "" ? "the whole body" : finding.pointer],
    ["got", finding.got],
    ["wanted", finding.wanted],
  ] as const;
  return html`<div class="finding">${finding.message}
<dl>${facts.map(([name, value]) => value !== undefined && html`<dt>${name}</dt><dd class="mono">${value}</dd>`)}</dl>
${finding.curl !== undefined && html`<pre>${finding.curl}</pre>`}</div>
`;
}

/** Which documented replies were really seen: a green suite that checked nothing must not look green. */
export function coverageSection(record: RunRecord): Html | undefined {
  const covered = coverage(record);
  if (!covered) return undefined;
  const exempt = record.file.contractPlan?.exempt ?? [];
  const reasons = groups(exempt, (exemption) => exemption.reason);
  return section(
    "coverage",
    "Documented replies",
    `${covered.seen} of the documented operation × status cells were seen on every target, ${covered.exempt} are exempt, ${covered.unseen} were never seen.`,
    html`<div class="scroll"><table class="coverage">
<caption>Documented replies by operation and status</caption>
<thead><tr><th scope="col">operation</th>${covered.statuses.map((status) => html`<th scope="col">${status}</th>`)}</tr></thead>
<tbody>
${covered.rows.map(
  (row) => html`<tr><td>${row.operation}</td>${row.cells.map(
    (cell) =>
      html`<td${cell.state !== "none" && html` class="mark ${cell.state}" title="${row.operation} ${cell.status}: ${cell.note}"`}>${cellMarks[cell.state]}</td>`,
  )}</tr>
`,
)}</tbody>
</table></div>
`,
    reasons.length > 0 &&
      html`<details><summary>Why ${plural(exempt.length, "cell is", "cells are")} exempt</summary>
${reasons.map(([reason, own]) => html`<p>${reason}: <span class="soft">${own.map((exemption) => exemption.cell).join(", ")}</span></p>`)}</details>
`,
  );
}
