import { UsageError } from "../exit.ts";
import { type Issue, issuesOf } from "../shape.ts";
import { gateMisfits } from "./gates.ts";
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
  const ports = new Map<number, string>();
  for (const [name, target] of Object.entries(config.targets)) {
    if (target.url === undefined && target.bundled === undefined) {
      say(`/targets/${name}`, "neither url nor bundled", "a url, or the bundled system to start");
    }
    const { port = 0 } = target.webhookReceiver ?? {};
    const other = ports.get(port);
    if (port !== 0 && other !== undefined)
      say(`/targets/${name}/webhookReceiver/port`, `${port}, as ${other}'s`, "a port of its own");
    ports.set(port, name);
  }
  for (const [name, profile] of Object.entries(config.profiles)) {
    issues.push(...gateMisfits(profile, config, `/profiles/${name}`));
    for (const [setting, unit] of [
      ["latency", "ms"],
      ["slow", "share"],
      ["errors", "share"],
    ] as const) {
      const given = profile.capacity?.[setting];
      if (given === undefined || parseLimit(given)?.unit === unit) continue;
      say(`/profiles/${name}/capacity/${setting}`, given, unit === "ms" ? "a duration" : "a percentage");
    }
    profile.load?.phases.forEach(({ trace }, index) => {
      if (trace === undefined || trace.some((count) => count > 0)) return;
      say(`/profiles/${name}/load/phases/${index}/trace`, "no arrivals", "counts, at least one above 0");
    });
    for (const [setting, value] of Object.entries(profile.generator ?? {})) {
      if (value === undefined || parseLimit(value)?.unit === "ms") continue;
      say(`/profiles/${name}/generator/${setting}`, value, "a duration");
    }
  }
  return issues;
}

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
