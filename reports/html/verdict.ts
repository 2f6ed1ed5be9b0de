import type { GateOutcome, RunRecord, Verdict } from "../../gates/evidence/index.ts";
import { formatCount, formatShare } from "../../gates/format.ts";
import { elapsed } from "../figures.ts";
import { gateBounds, gateName, gateValue, outcomeMarks } from "../outcomes.ts";
import { boundsChart } from "./charts.ts";
import { type Html, html, section } from "./markup.ts";

const tones = { GO: "pass", "NO-GO": "fail", INCONCLUSIVE: "open" } as const;

/** The top of the page: the verdict, and in one sentence why. */
export function verdictBlock(record: RunRecord, verdict: Verdict | undefined): Html {
  const { startedAt, endedAt, profile, git, targets } = record.file;
  const baseline = targets.find((target) => target.role === "baseline")?.name;
  const candidate = targets.find((target) => target.role === "candidate")?.name;
  const took = endedAt === undefined ? "cut short" : `took ${elapsed(startedAt, endedAt)}`;
  const shift = baseline && candidate ? `Shift from ${baseline} to ${candidate}. ` : "";
  const commit =
    git.commit === null ? "" : `, commit ${git.commit.slice(0, 12)}${git.dirty ? " with changes" : ""}`;
  return html`<header class="verdict ${verdict ? tones[verdict.verdict] : "open"}">
<h1>${verdict?.verdict ?? "Not judged"}</h1>
<p class="why">${verdict?.why ?? "No gate has judged this run yet: npm run gate."}</p>
<p class="when">${shift}Profile ${profile.name}: ${profile.label}. Measured ${startedAt.slice(0, 16).replace("T", " ")} UTC, ${took}${commit}.</p>
</header>
`;
}

/** Each gate with what it found, its bounds and limit, and what would settle it. */
export function gatesSection(verdict: Verdict): Html {
  return section(
    "gates",
    "Gates",
    "A gate passes only if its bound, not its estimate, is within the limit. Bounds are one-sided at 95 % confidence; the line marks the limit.",
    html`<ol class="gates">
${verdict.gates.map(gateItem)}</ol>
`,
  );
}

function gateItem(gate: GateOutcome): Html {
  const names = figureNames[gate.gate] ?? {};
  const facts: readonly (readonly [string, string])[] = [
    [names.estimate ?? "estimate", gateValue(gate, gate.estimate)],
    ["bounds", gateBounds(gate)],
    [names.limit ?? "limit", gateValue(gate, gate.limit)],
    [names.n ?? "n", gate.n === undefined ? "" : formatCount(gate.n)],
    [names.x ?? "over the limit", gate.x === undefined ? "" : formatCount(gate.x)],
    ["p", gate.kind === "fail" && gate.pValue !== undefined ? probability(gate.pValue) : ""],
  ];
  return html`<li class="gate">
<div class="mark ${gate.kind}">${outcomeMarks[gate.kind]} ${gate.kind}</div>
<div><span class="name">${gateName(gate)}</span>${gate.required ? "" : html` <span class="soft">not required</span>`}<p>${gate.reason}</p></div>
<div>${boundsChart(gate)}</div>
<dl>${facts.filter(([, value]) => value !== "").map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${gate.needs && html`<p class="settle">To settle it: <code>${gate.needs.command}</code> <span class="soft">(${gate.needs.because})</span></p>`}
</li>
`;
}

/** What the figures of a gate are called where "estimate" and the like would mislead. */
const figureNames: Readonly<
  Record<
    string,
    { readonly estimate?: string; readonly limit?: string; readonly n?: string; readonly x?: string }
  >
> = {
  contracts: { estimate: "held", limit: "planned", x: "broken" },
  pact: { estimate: "verified", limit: "planned", x: "broken" },
  parity: { estimate: "differ", n: "drawn independently", x: "differ" },
  generator: { estimate: "lateness P99" },
  "coldStart.p99": { estimate: "P99" },
  errorRate: { estimate: "error rate", x: "errors" },
  throttleRate: { estimate: "throttled", x: "throttles" },
  correctnessUnderLoad: { estimate: "wrong", x: "wrong answers" },
  "latency.p95": { estimate: "P95" },
  "latency.p99": { estimate: "P99" },
  "capacity.ratio": { estimate: "of the baseline's", n: "replicates" },
  "capacity.absolute": { estimate: "capacity", n: "replicates" },
  recoveryTime: { estimate: "median", n: "bursts" },
};

function probability(p: number): string {
  return p < 0.0001 ? "below 0.01 %" : formatShare(p);
}
