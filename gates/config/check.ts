import type { GateSpec } from "../evidence/index.ts";
import { UsageError } from "../exit.ts";
import { type Issue, issuesOf } from "../shape.ts";
import { type Config, configShape, parseLimit } from "./schema.ts";

/** `raw` as a configuration that fits in itself. @throws UsageError that lists what does not */
export function checkedConfig(raw: unknown): Config {
  const issues = [...issuesOf(configShape, raw)];
  if (issues.length === 0) issues.push(...misfits(raw as Config));
  if (issues.length === 0) return raw as Config;
  throw new UsageError({
    what:
      issues.length === 1
        ? "The configuration has an error."
        : `The configuration has ${issues.length} errors.`,
    ...(issues[0] && { where: settingPath(issues[0].pointer), got: issues[0].got, wanted: issues[0].wanted }),
    next: ["Mend cutover.config.ts.", ...issues.slice(1, 6).map(oneLine)].join("\n"),
  });
}

/** What a shape cannot say: how settings fit together. */
function misfits(config: Config): readonly Issue[] {
  const issues: Issue[] = [];
  const say = (pointer: string, got: string, wanted: string): void =>
    void issues.push({ pointer, got, wanted });
  if (Object.keys(config.targets).length === 0) say("/targets", "none", "at least one target");
  for (const [name, target] of Object.entries(config.targets)) {
    if (target.url === undefined && target.bundled === undefined) {
      say(`/targets/${name}`, "neither url nor bundled", "a url, or the bundled system to start");
    }
  }
  for (const [name, profile] of Object.entries(config.profiles)) {
    profile.gates.forEach((gate, index) => {
      const at = `/profiles/${name}/gates/${index}`;
      const unit = gate.limit === undefined ? undefined : parseLimit(gate.limit)?.unit;
      const needed = gateNeeds[gate.gate];
      if (unit !== needed.unit) {
        say(
          `${at}/limit`,
          gate.limit ?? "nothing",
          needed.unit === undefined ? "no limit for this gate" : needed.limit,
        );
      }
      if (gate.target !== undefined && !Object.hasOwn(config.targets, gate.target)) {
        say(`${at}/target`, gate.target, `one of ${Object.keys(config.targets).join(", ")}`);
      }
      if (needed.part && !profile[needed.part]) {
        say(at, gate.gate, `a profile with ${needed.part}, or the gate could never be judged`);
      }
      for (const phase of gate.phases ?? []) {
        const phases = profile.load?.phases.map((known) => known.name) ?? [];
        if (!phases.includes(phase)) say(`${at}/phases`, phase, `one of ${phases.join(", ")}`);
      }
    });
    for (const [setting, value] of Object.entries(profile.generator ?? {})) {
      if (value === undefined || parseLimit(value)?.unit === "ms") continue;
      say(`/profiles/${name}/generator/${setting}`, value, "a duration");
    }
  }
  return issues;
}

/** What each gate must be given: the unit of its limit, and the part of the profile that makes its evidence. */
const gateNeeds: Record<
  GateSpec["gate"],
  { readonly unit?: "ms" | "share"; readonly limit: string; readonly part?: "load" | "coldStart" | "parity" }
> = {
  contracts: { limit: "" },
  parity: { unit: "share", limit: 'a percentage such as "1 %"', part: "parity" },
  generator: { limit: "", part: "load" },
  "coldStart.p99": { unit: "ms", limit: 'a duration such as "310 ms"', part: "coldStart" },
  errorRate: { unit: "share", limit: 'a percentage such as "0.002 %"', part: "load" },
};

/** "/profiles/quick/gates/0/limit" as a reader of the file would say it. */
function settingPath(pointer: string): string {
  const parts = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return `cutover.config.ts: ${parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), "") || "the whole"}`;
}

function oneLine(issue: Issue): string {
  return `also ${settingPath(issue.pointer)}: got ${issue.got}, wanted ${issue.wanted}`;
}
