import type { GateSpec } from "../evidence/index.ts";
import type { Issue } from "../shape.ts";
import { type Config, type LimitUnit, type ProfileConfig, parseLimit } from "./schema.ts";

type GateConfig = ProfileConfig["gates"][number];
type Setting = "phases" | "endpoints" | "sequential" | "cases";

/** What a kind of gate must and may be given. */
interface Needs {
  /** The unit of its limit; none: it has no limit. */
  readonly unit?: LimitUnit;
  /** The limit in words. */
  readonly limit: string;
  /** May be asked against the baseline, with a margin in place of a limit. */
  readonly relative?: true;
  readonly settings?: readonly Setting[];
  /** The part of the profile that makes its evidence. */
  readonly part?: "load" | "coldStart" | "capacity" | "parity";
}

const percentage = 'a percentage such as "0.002 %"';
const onRequests = { part: "load", settings: ["phases", "endpoints", "sequential"] } as const;
const latency: Needs = { ...onRequests, unit: "ms", limit: 'a duration such as "310 ms"', relative: true };

const needs: Readonly<Record<GateSpec["gate"], Needs>> = {
  contracts: { limit: "", settings: ["cases"] },
  pact: { limit: "", settings: ["cases"] },
  parity: { unit: "share", limit: 'a percentage such as "1 %"', part: "parity" },
  generator: { limit: "", part: "load" },
  "coldStart.p99": {
    unit: "ms",
    limit: 'a duration such as "310 ms"',
    part: "coldStart",
    settings: ["sequential"],
  },
  errorRate: { ...onRequests, unit: "share", limit: percentage },
  "latency.p95": latency,
  "latency.p99": latency,
  "capacity.ratio": {
    unit: "share",
    limit: 'what the candidate must hold of the baseline\'s capacity, such as "90 %"',
    part: "capacity",
  },
  "capacity.absolute": { unit: "perSecond", limit: 'a rate such as "120 /s"', part: "capacity" },
  throttleRate: { ...onRequests, unit: "share", limit: percentage },
  recoveryTime: { unit: "ms", limit: 'a duration such as "10 s"', part: "capacity" },
  correctnessUnderLoad: {
    ...onRequests,
    unit: "share",
    limit: percentage,
    settings: ["phases", "endpoints"],
  },
};

/** What is wrong with the gates of a profile, beyond their shape. `at`: the pointer to the profile. */
export function gateMisfits(profile: ProfileConfig, config: Config, at: string): readonly Issue[] {
  return profile.gates.flatMap((gate, index) => misfitsOf(gate, profile, config, `${at}/gates/${index}`));
}

function misfitsOf(gate: GateConfig, profile: ProfileConfig, config: Config, at: string): readonly Issue[] {
  const need = needs[gate.gate];
  const issues: Issue[] = [];
  const say = (setting: string, got: string, wanted: string): void =>
    void issues.push({ pointer: setting === "" ? at : `${at}/${setting}`, got, wanted });
  for (const [setting, got, wanted] of limitMisfits(gate, need)) say(setting, got, wanted);
  for (const setting of ["phases", "endpoints", "sequential", "cases"] as const) {
    if (gate[setting] === undefined || need.settings?.includes(setting)) continue;
    say(setting, JSON.stringify(gate[setting]), `no such setting for ${gate.gate}`);
  }
  if (gate.sequential && gate.margin !== undefined)
    say("sequential", "true", "no sequential gate against the baseline: only counts may be looked at early");
  if (gate.target !== undefined && !Object.hasOwn(config.targets, gate.target))
    say("target", gate.target, `one of ${Object.keys(config.targets).join(", ")}`);
  const comparesNothing = Object.values(config.targets).every(({ role }) => role !== "baseline");
  if ((gate.margin !== undefined || gate.gate === "capacity.ratio") && comparesNothing)
    say("", gate.gate, "a target of role baseline to compare with");
  if (need.part && !profile[need.part])
    say("", gate.gate, `a profile with ${need.part}, or the gate could never be judged`);
  if (gate.gate === "recoveryTime" && profile.capacity && !profile.capacity.recovery)
    say("", gate.gate, "a profile with capacity.recovery, or the gate could never be judged");
  const phases = profile.load?.phases.map((known) => known.name) ?? [];
  for (const phase of gate.phases ?? [])
    if (!phases.includes(phase)) say("phases", phase, `one of ${phases.join(", ")}`);
  return issues;
}

/** Exactly one of limit and margin, in its unit. */
function limitMisfits(gate: GateConfig, need: Needs): readonly (readonly [string, string, string])[] {
  const found: [string, string, string][] = [];
  if (gate.margin !== undefined) {
    if (!need.relative) found.push(["margin", gate.margin, `no margin for ${gate.gate}`]);
    else if (gate.limit !== undefined) found.push(["margin", gate.margin, "a limit or a margin, not both"]);
    if (parseLimit(gate.margin)?.unit !== "share")
      found.push(["margin", gate.margin, 'a percentage such as "10 %"']);
    return found;
  }
  const unit = gate.limit === undefined ? undefined : parseLimit(gate.limit)?.unit;
  if (unit === need.unit) return found;
  const wanted = need.relative ? `${need.limit}, or a margin such as "10 %"` : need.limit;
  return [["limit", gate.limit ?? "nothing", need.unit === undefined ? "no limit for this gate" : wanted]];
}
