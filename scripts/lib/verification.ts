import { resolve } from "node:path";
import raw from "../../cutover.config.ts";
import { type Flags, type ResolvedConfig, resolveConfig } from "../../gates/config.ts";
import {
  createRun,
  type GateSpec,
  type RunOwner,
  readRun,
  type StageName,
  writeVerdict,
} from "../../gates/evidence/index.ts";
import { EXIT, type ExitCode, Interrupted, UsageError } from "../../gates/exit.ts";
import { exitOf, isRelative, judge, judgeGate } from "../../gates/judge.ts";
import { renderConsole } from "../../reports/console.ts";
import { writeReports } from "../../reports/write.ts";
import { type FlagValues, text, texts } from "./cli.ts";
import { gitFacts, specFacts, toolFacts } from "./facts.ts";
import { functionFacts } from "./functions.ts";
import { readVersion } from "./health.ts";
import type { Life } from "./main.ts";
import type { PactWanted } from "./pact.ts";
import { requireReachable } from "./plan.ts";
import { root } from "./run.ts";
import { type StageContext, stages } from "./stages.ts";
import { type RunningTarget, reachTargets } from "./targets.ts";

/** Where runs are kept. */
export const runsFolder = `${root}/reports/out`;

/** Reads the configuration with the environment and this command's flags over it. */
export function configure(flags: FlagValues): ResolvedConfig {
  const target = texts(flags, "target");
  const url = texts(flags, "url");
  const spec = texts(flags, "spec");
  const given: Record<string, unknown> = {
    ...(flags.paired === true && { paired: true }),
    ...(target && { target }),
    ...(url && { url }),
    ...(spec && { spec }),
  };
  for (const name of ["profile", "seed", "samples", "requests", "scenario", "replicates", "share", "peak"]) {
    const value = text(flags, name);
    if (value !== undefined) given[name] = value;
  }
  const config = resolveConfig(raw, process.env, given as Flags, Date.now() % 2 ** 31);
  // The configuration's paths are relative to its own folder, wherever a stage runs.
  const specs = config.specs.map((pattern) => resolve(root, pattern));
  return { ...config, specs, ...(config.load && { load: { ...config.load, specs } }) };
}

export interface Verification {
  readonly command: string;
  readonly config: ResolvedConfig;
  readonly stages: readonly StageName[];
  /** Only these contract cases (ids or operationIds). */
  readonly cases?: readonly string[];
  /** What is asked of the pacts; nothing means all. */
  readonly pact?: PactWanted;
  readonly json: boolean;
}

/**
 * Reaches the targets, runs the stages one after another on them, judges and reports. Stops early only when
 * interrupted; what was seen until then is judged too, and what is missing counts as missing.
 * @returns the exit code of the verdict over the gates that these stages feed
 */
export async function verify(life: Life, wanted: Verification): Promise<ExitCode> {
  const { config } = wanted;
  const say = (line: string): void => console.error(line);
  const planned = stages.filter((stage) => wanted.stages.includes(stage.name));
  // What cannot be planned is refused before anything is started.
  for (const stage of planned)
    for (const target of config.targets) stage.planned(config, target, wanted.cases);
  requireReachable(
    config,
    planned.flatMap((stage) => stage.feeds),
    say,
  );
  const targets = await reachTargets(config, life.onExit, { say });
  const run = await openRun(wanted, targets, planned);
  for (const target of targets) {
    if (target.lambda)
      run.updateTarget(target.name, { functions: await functionFacts(target.lambda, target.aws) });
  }
  say(`seed ${config.seed} (--seed ${config.seed} repeats this run's random choices)`);
  const context: StageContext = {
    run,
    config,
    signal: life.signal,
    say,
    ...(wanted.cases && { cases: wanted.cases }),
    ...(wanted.pact && { pact: wanted.pact }),
  };
  try {
    for (const stage of planned) await stage.run(context, targets);
    for (const target of targets) run.updateTarget(target.name, { versionAfter: await readVersion(target) });
  } catch (error) {
    run.end();
    conclude(run.dir, wanted, say);
    throw error instanceof Interrupted
      ? new Interrupted({ what: "Interrupted; the evidence so far is kept.", where: run.dir })
      : error;
  }
  run.end();
  return conclude(run.dir, wanted, say);
}

async function openRun(
  wanted: Verification,
  targets: readonly RunningTarget[],
  planned: typeof stages,
): Promise<RunOwner> {
  const { config } = wanted;
  return createRun(
    runsFolder,
    {
      command: wanted.command,
      git: await gitFacts(),
      seed: config.seed,
      profile: config.profile,
      targets: targets.map(({ name, role, url, bundled, version }) => ({
        name,
        role,
        url,
        ...(bundled !== undefined && { bundled: true }),
        versionBefore: version,
      })),
      specs: specFacts(config.specs),
      tools: toolFacts(),
      stages: planned.flatMap((stage) =>
        targets
          .filter((target) => stage.appliesTo(target, config))
          .map((target) => ({
            name: stage.name,
            target: target.name,
            planned: stage.planned(config, target, wanted.cases),
          })),
      ),
    },
    { secrets: config.secrets },
  );
}

/** Judges what a run left, prints the verdict or the part of it that the run's stages feed, tells the exit code. */
function conclude(dir: string, wanted: Verification, say: (line: string) => void): ExitCode {
  if (stages.every((stage) => wanted.stages.includes(stage.name))) return concludeAll(dir, wanted, say);
  const record = readRun(dir);
  const now = new Date();
  const verdict = judge(record, now);
  writeVerdict(dir, verdict);
  // A part of a run can break a promise or keep it; whether to shift traffic takes the whole. Each target
  // stands for itself here, so that one alone can be asked.
  const fed = new Set(
    stages.filter((stage) => wanted.stages.includes(stage.name)).flatMap((stage) => stage.feeds),
  );
  const baseline = record.file.targets.find((target) => target.role === "baseline")?.name;
  const gates = record.file.profile.gates
    // Who is asked alone is compared with nobody, and the baseline never with itself.
    .filter((spec) => fed.has(spec.gate) && !(isRelative(spec) && baseline === undefined))
    .flatMap((spec) =>
      record.file.stages
        .filter((stage) => spec.target === undefined || stage.target === spec.target)
        .filter((stage) => !isRelative(spec) || stage.target !== baseline)
        .map((stage) => judgeGate(record, narrowed(spec, stage.target, wanted), now)),
    );
  for (const gate of gates) {
    const note = gate.required ? "" : " (not required)";
    say(`${gate.kind.padEnd(12)} ${gate.gate} ${gate.target ?? ""}: ${gate.reason}${note}`);
  }
  say(`Report: ${writeReports(dir).html}`);
  if (wanted.json) console.log(JSON.stringify(gates, undefined, 2));
  const required = gates.filter((gate) => gate.required);
  if (required.some((gate) => gate.kind === "fail")) return EXIT.wrong;
  return required.length > 0 && required.every((gate) => gate.kind === "pass") ? EXIT.holds : EXIT.unknown;
}

/** A gate asked of one target; with cases or interactions picked by hand, of those. */
function narrowed(spec: GateSpec, target: string, wanted: Verification): GateSpec {
  const picked = wanted.cases ?? wanted.pact?.consumers ?? wanted.pact?.states ?? wanted.pact?.pacts;
  if (picked === undefined) return { ...spec, target };
  const { cases: _, ...rest } = spec;
  return { ...rest, target };
}

/** Judges a whole run, writes its verdict and reports, prints them, and tells the exit code. */
export function concludeAll(
  dir: string,
  options: { readonly json: boolean },
  say: (line: string) => void = (line) => console.error(line),
): ExitCode {
  const record = readRun(dir);
  const verdict = judge(record, new Date());
  writeVerdict(dir, verdict);
  const reportPath = writeReports(dir).html;
  say("");
  say(renderConsole(verdict, { colour: process.stderr.isTTY === true, reportPath }).trimEnd());
  if (options.json) console.log(JSON.stringify(verdict, undefined, 2));
  return exitOf(verdict);
}

/** The folder of the run that a flag names, by id or path; the newest without one. */
export function runFolder(flags: FlagValues): string {
  const named = text(flags, "run") ?? "latest";
  if (named === "")
    throw new UsageError({
      what: "No run was named.",
      where: "--run",
      got: "(empty)",
      wanted: "a run's id or folder",
    });
  return named.includes("/") ? named : `${runsFolder}/${named}`;
}
