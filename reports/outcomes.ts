import type { GateOutcome } from "../gates/evidence/index.ts";
import {
  formatCount,
  formatMs,
  formatRate,
  formatRatio,
  formatShare,
  type Rounding,
} from "../gates/format.ts";

/** How each outcome of a gate is shown: never by colour alone. */
export const outcomeMarks: Readonly<Record<GateOutcome["kind"], string>> = {
  pass: "✓",
  fail: "✗",
  inconclusive: "?",
  invalid: "!",
  absent: "–",
};

/** "errorRate serverless", "latency.p99 serverless (burst)" */
export function gateName(gate: GateOutcome): string {
  const name = gate.target === undefined ? gate.gate : `${gate.gate} ${gate.target}`;
  return gate.scope === undefined ? name : `${name} (${gate.scope})`;
}

/** A value of a gate in its unit. Null: the samples give none. */
export function gateValue(
  gate: GateOutcome,
  value: number | null | undefined,
  rounding: Rounding = "near",
): string {
  if (value === undefined) return "";
  if (value === null) return "none";
  if (gate.unit === "ms") return formatMs(value, rounding);
  if (gate.unit === "share") return formatShare(value, rounding);
  if (gate.unit === "ratio") return formatRatio(value, rounding);
  if (gate.unit === "perSecond") return formatRate(value, rounding);
  return formatCount(value);
}

/** "[0 %, 0.0998 %]", or nothing for a gate without bounds. */
export function gateBounds(gate: GateOutcome): string {
  if (gate.lower === undefined && gate.upper === undefined) return "";
  return `[${gateValue(gate, gate.lower ?? null, "down")}, ${gateValue(gate, gate.upper ?? null, "up")}]`;
}

/** What would settle a gate that is open. */
export function settles(gate: GateOutcome): string {
  return gate.needs ? `${gate.needs.command} (${gate.needs.because})` : "";
}
