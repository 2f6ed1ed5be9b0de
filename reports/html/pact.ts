import type { PactResult, RunRecord } from "../../gates/evidence/index.ts";
import { plural } from "../../gates/format.ts";
import { groups } from "../figures.ts";
import { type Html, html, section } from "./markup.ts";

const marks: Readonly<Record<PactResult["outcome"], string>> = {
  verified: "✓",
  broken: "✗",
  refused: "✗",
  unverified: "!",
  pending: "–",
};

/** What each consumer relies on, on every target; what breaks whom; what nobody would miss. */
export function pactSection(record: RunRecord): Html | undefined {
  const results = record.pact;
  const plan = record.file.pactPlan;
  if (results.length === 0 && plan === undefined) return undefined;
  const targets = [...new Set(results.map(({ target }) => target))];
  const held = targets.map((target) => {
    const own = results.filter((result) => result.target === target);
    return `${own.filter(({ outcome }) => outcome === "verified").length} of ${own.length} verified on ${target}`;
  });
  const bad = results.filter(({ outcome }) => outcome !== "verified");
  return section(
    "pact",
    "Consumers",
    `${held.join(", ") || "Nothing was verified"}. What each consumer relies on; the marks stand for ${targets.join(", ")}, in this order.`,
    bad.map(badResult),
    groups(results, ({ consumer }) => consumer).map(([consumer, own]) => consumerList(consumer, own)),
    plan && plan.unused.length > 0 && unusedList(plan.unused),
  );
}

function consumerList(consumer: string, results: readonly PactResult[]): Html {
  const interactions = groups(results, ({ version = "", interaction }) => `${version}\n${interaction}`);
  return html`<h3>${consumer}</h3>
<ul class="operations">
${interactions.map(([, own]) => interactionItem(own))}</ul>
`;
}

function interactionItem(results: readonly PactResult[]): Html {
  const [first] = results;
  return html`<li><span class="name" title="${first?.operation ?? first?.kind}">${first?.interaction}</span><span class="marks">${results.map(
    ({ outcome, target }) =>
      html`<span class="mark ${outcome}" title="${target}: ${outcome}">${marks[outcome]}</span>`,
  )}</span></li>
`;
}

function badResult(result: PactResult): Html {
  const { consumer, version, interaction, operation, target, outcome, reason, findings } = result;
  const who = version === undefined ? consumer : `${consumer} ${version}`;
  return html`<details open>
<summary><span class="mark ${outcome}">${marks[outcome]} ${outcome}</span> ${who}: “${interaction}”${operation !== undefined && html` (${operation})`} on ${target}</summary>
${reason !== undefined && html`<p>${reason}</p>`}${findings.map(
  ({ path, expected, got, message, curl }) => html`<div class="finding">${message}
<dl><dt>at</dt><dd class="mono">${path}</dd><dt>expected</dt><dd class="mono">${expected}</dd><dt>got</dt><dd class="mono">${got}</dd></dl>
${curl !== undefined && html`<pre>${curl}</pre>`}</div>
`,
)}</details>
`;
}

function unusedList(unused: NonNullable<RunRecord["file"]["pactPlan"]>["unused"]): Html {
  const count = unused.reduce((sum, { fields }) => sum + fields.length, 0);
  return html`<details><summary>${plural(count, "member")} of replies and events that no consumer here uses</summary>
${unused.map(({ operation, fields }) => html`<p>${operation}: <span class="soft">${fields.join(", ")}</span></p>`)}</details>
`;
}
