import type { RunRecord, RunTarget } from "../../gates/evidence/index.ts";
import { formatCount, plural } from "../../gates/format.ts";
import { elapsed, repeatCommand } from "../figures.ts";
import { type Html, html, section, table } from "./markup.ts";

/** What is wrong with the evidence itself; nothing when all is well. */
export function damageSection(record: RunRecord): Html | undefined {
  const lines = [
    ...record.corrupt.slice(0, 20).map((line) => `${line.stream}, line ${line.line}: ${line.message}`),
    ...record.truncated.map((stream) => `${stream}: the last record was cut off`),
  ];
  if (lines.length === 0) return undefined;
  const lead = `${plural(record.corrupt.length, "line")} cannot be read, ${plural(record.truncated.length, "stream")} ended in the middle of a record. Gates over them are invalid.`;
  return section(
    "damage",
    "Damaged evidence",
    lead,
    html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
  );
}

/** Who was verified, with what, when, and how to do it again. */
export function factsSection(record: RunRecord): Html {
  const { file } = record;
  const commit =
    file.git.commit === null
      ? "unknown"
      : `${file.git.commit}${file.git.dirty ? ", with uncommitted changes" : ""}`;
  const facts: readonly (readonly [string, Html | string])[] = [
    ["run", file.runId],
    ["began", file.startedAt],
    ["ended", file.endedAt ?? "not: the run was cut short"],
    ["command", html`<code>${file.command}</code>`],
    ["repeat it", html`<code>${repeatCommand(record)}</code>`],
    ["judge it again", html`<code>npm run gate</code>`],
    ["seed", String(file.seed)],
    ["commit", commit],
    [
      "tools",
      Object.entries(file.tools)
        .map(([tool, version]) => `${tool} ${version}`)
        .join(", "),
    ],
    [
      "specs",
      html`${file.specs.map((spec) => html`<div>${spec.path} <span class="mono soft">sha256 ${spec.sha256.slice(0, 12)}</span></div>`)}`,
    ],
  ];
  return section(
    "run",
    "The run",
    "All figures on this page come from the records beside it.",
    html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>Targets</h3>
`,
    table(
      [
        { title: "target", cell: (target) => target.name },
        { title: "role", cell: (target) => target.role },
        {
          title: "address",
          cell: (target) => html`<span class="mono">${target.url}</span>${target.bundled ? ", bundled" : ""}`,
        },
        { title: "version before", cell: (target) => target.versionBefore ?? "not told" },
        { title: "version after", cell: (target) => target.versionAfter ?? "not told" },
      ],
      file.targets,
      "Targets",
    ),
    file.targets.map(functionsTable),
    html`<h3>Stages</h3>
`,
    table(
      [
        { title: "stage", cell: (stage) => `${stage.name} on ${stage.target}` },
        {
          title: "status",
          cell: (stage) =>
            html`<span class="mark ${stage.status}">${stage.status}</span>${stage.why !== undefined && html` ${stage.why}`}`,
        },
        { title: "planned", cell: (stage) => formatCount(stage.planned), number: true },
        { title: "finished", cell: (stage) => formatCount(stage.finished), number: true },
        {
          title: "took",
          cell: (stage) => (stage.startedAt && stage.endedAt ? elapsed(stage.startedAt, stage.endedAt) : ""),
          number: true,
        },
      ],
      file.stages,
      "Stages",
    ),
  );
}

function functionsTable(target: RunTarget): Html | undefined {
  const functions = target.functions ?? [];
  if (functions.length === 0) return undefined;
  return html`<details><summary>${plural(functions.length, "function")} of ${target.name}</summary>
${table(
  [
    { title: "function", cell: (one) => one.name },
    { title: "runtime", cell: (one) => one.runtime },
    { title: "architecture", cell: (one) => one.architecture },
    { title: "memory", cell: (one) => one.memoryMb !== undefined && `${one.memoryMb} MB`, number: true },
    { title: "time-out", cell: (one) => one.timeoutS !== undefined && `${one.timeoutS} s`, number: true },
    { title: "weight", cell: (one) => one.weight, number: true },
  ],
  functions,
  `Functions of ${target.name}`,
)}</details>
`;
}
