import type { ParityFinding, RunRecord } from "../../gates/evidence/index.ts";
import { plural } from "../../gates/format.ts";
import { cutoverPlan } from "../cutover-plan.ts";
import { type Html, html, section } from "./markup.ts";

/** Where the two systems differ: each finding with both answers side by side; and which routes may be shifted. */
export function paritySections(record: RunRecord): readonly Html[] {
  if (record.parity.length === 0 && record.parityFindings.length === 0) return [];
  const pairs = record.parity.reduce((sum, sequence) => sum + sequence.pairs, 0);
  const drawn = record.parity.filter(
    (sequence) => sequence.drawn === "independent" && sequence.outcome !== "given-up",
  ).length;
  const open = record.parityFindings.filter(({ accepted }) => accepted === undefined);
  const accepted = record.parityFindings.filter((finding) => finding.accepted !== undefined);
  return [
    section(
      "parity",
      "Parity",
      `${plural(record.parity.length, "sequence")} (${drawn} drawn independently), ${plural(pairs, "request")} to each system, ${plural(open.length, "difference")}, ${accepted.length} accepted.`,
      open.map((finding, index) => findingItem(finding, index + 1)),
      accepted.length > 0 &&
        html`<details><summary>${plural(accepted.length, "accepted difference")}</summary>
${accepted.map((finding) => html`<p>${finding.title}: <span class="soft">${finding.accepted?.owner} until ${finding.accepted?.expires}, ${finding.accepted?.reason}</span></p>`)}</details>
`,
    ),
    planSection(record),
  ];
}

function findingItem(finding: ParityFinding, number: number): Html {
  const last = finding.steps.at(-1);
  const facts = [
    ["class", finding.class],
    ["seen in", `${finding.seenIn} of ${plural(finding.sequences, "sequence")} that called it`],
    ["again", `${finding.confirmed} of ${finding.tries} times on fresh accounts`],
    ["repeat", `parity-${number}.sh, parity-${number}.test.ts in this folder`],
  ] as const;
  return html`<details open>
<summary><span class="mark broken">✗ ${finding.class}</span> ${finding.title}</summary>
<div class="finding"><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<div class="scroll"><table><caption>What differs in the last reply</caption>
<thead><tr><th scope="col">place</th><th scope="col">baseline</th><th scope="col">candidate</th></tr></thead>
<tbody>
${finding.differences.map(
  ({ path, baseline, candidate }) =>
    html`<tr><td class="mono">${path === "" ? "the reply" : path}</td><td class="mono">${baseline}</td><td class="mono">${candidate}</td></tr>
`,
)}</tbody></table></div>
<pre>${finding.steps
    .map(
      ({ operation, setUp, together, baseline, candidate }) =>
        `${setUp ? "(set-up) " : ""}${together ? "(at once) " : ""}${operation}: ${baseline.method} ${baseline.url}${baseline.body === undefined ? "" : ` ${baseline.body}`} → ${baseline.status} | ${candidate.status}`,
    )
    .join("\n")}</pre>
${
  last !== undefined &&
  html`<div class="scroll"><table><thead><tr><th scope="col">baseline answers</th><th scope="col">candidate answers</th></tr></thead>
<tbody><tr><td class="mono">${pretty(last.baseline.reply)}</td><td class="mono">${pretty(last.candidate.reply)}</td></tr></tbody></table></div>
`
}</div></details>
`;
}

function pretty(reply: string): string {
  try {
    return JSON.stringify(JSON.parse(reply), undefined, 1);
  } catch {
    return reply;
  }
}

function planSection(record: RunRecord): Html {
  const { routes } = cutoverPlan(record);
  const earned = routes.filter(({ ready }) => ready).length;
  return section(
    "plan",
    "Cut-over plan",
    `${earned} of ${plural(routes.length, "route")} have earned a shift: contract and parity green, with enough traffic to say so. The same as JSON: cutover-plan.json.`,
    html`<div class="scroll"><table><caption>Routes and what speaks for or against shifting them</caption>
<thead><tr><th scope="col">operation</th><th scope="col">shift</th><th scope="col">contract</th><th scope="col">requests compared</th><th scope="col">differences</th><th scope="col">why not</th></tr></thead>
<tbody>
${routes.map(
  ({ operation, ready, contract, compared, differences, why }) =>
    html`<tr><td>${operation}</td><td class="mark ${ready ? "held" : "broken"}">${ready ? "✓ yes" : "✗ not yet"}</td><td>${contract}</td><td>${String(compared)}</td><td>${String(differences)}</td><td>${why.join("; ")}</td></tr>
`,
)}</tbody></table></div>
`,
  );
}
