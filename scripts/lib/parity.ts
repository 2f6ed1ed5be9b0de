import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ResolvedConfig, ResolvedParity } from "../../gates/config.ts";
import type { RunOwner } from "../../gates/evidence/index.ts";
import { UsageError } from "../../gates/exit.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import { readAccepted } from "../../suites/parity/accepted.ts";
import type { ParityTarget } from "../../suites/parity/explore.ts";
import { recordParity } from "../../suites/parity/record.ts";
import type { UserFile } from "../../suites/parity/user-file.ts";
import { progress } from "./progress.ts";
import { root } from "./run.ts";
import type { RunningTarget } from "./targets.ts";

export interface ParityStage {
  readonly run: RunOwner;
  readonly config: ResolvedConfig;
  readonly signal: AbortSignal;
  readonly baseline: RunningTarget;
  readonly candidate: RunningTarget;
  readonly say: (line: string) => void;
}

/** Explores as the configuration says, shows what is found, and leaves it as evidence. */
export async function parityOf({
  run,
  config,
  signal,
  baseline,
  candidate,
  say,
}: ParityStage): Promise<{ readonly recorded: number }> {
  const settings = config.parity as ResolvedParity;
  const maxMs = settings.seconds === undefined ? undefined : settings.seconds * 1000;
  const show = progress("parity");
  const began = performance.now();
  const result = await recordParity({
    run,
    root,
    model: loadSpecs(config.specs),
    specs: config.specs,
    userFile: await readUserFile(settings.userFile),
    userFilePath: resolve(root, settings.userFile),
    accepted: readAccepted(resolve(root, settings.accepted)),
    replay: settings.replay,
    today: new Date().toISOString().slice(0, 10),
    baseline: asTarget(baseline),
    candidate: asTarget(candidate),
    seed: config.seed,
    signal,
    ...(maxMs !== undefined && { maxMs }),
    ...(settings.sequences !== undefined && { sequences: settings.sequences }),
    ...(settings.operations !== undefined && { operations: settings.operations }),
    ...(settings.pace !== undefined && { pace: settings.pace }),
    onProgress: ({ sequences, pairs, findings }) =>
      settings.sequences === undefined
        ? show(
            Math.min(Math.round(performance.now() - began), (maxMs ?? 0) - 1),
            maxMs ?? 0,
            `ms: ${sequences} sequences, ${pairs} requests to each, ${findings} findings`,
          )
        : show(sequences, settings.sequences, `${pairs} requests to each, ${findings} findings`),
  });
  for (const [index, finding] of result.findings.entries()) {
    say(`  ✗ ${finding.class}: ${finding.title}`);
    for (const { path, baseline: is, candidate: other } of finding.differences.slice(0, 4))
      say(`      ${path || "the reply"}: ${baseline.name} ${is}, ${candidate.name} ${other}`);
    say(`      ${finding.requests} requests; ${run.dir}/parity-${index + 1}.sh and .test.ts show it again`);
  }
  const { sequences, independent, pairs, inconclusive } = result.counts;
  say(
    `${sequences} sequences (${independent} drawn independently), ${pairs} requests to each, ${result.findings.length} findings`,
  );
  for (const [why, count] of Object.entries(inconclusive)) say(`  ${count} given up: ${why}`);
  return result;
}

/** A running target as parity sees it. */
export function asTarget({ name, url, headers, disposable, lambda }: RunningTarget): ParityTarget {
  // Environments on this machine are few: more requests at once evict each other's, and each eviction is a cold start.
  const limits = lambda?.endpoint === undefined ? { atOnce: 12 } : { atOnce: 3, onePerResource: true };
  return { name, url, headers, disposable, ...limits };
}

/** @throws UsageError (exit 64) */
export async function readUserFile(path: string): Promise<UserFile> {
  const file = resolve(root, path);
  const bad = (got: string): UsageError =>
    new UsageError({
      what: "The user file of parity cannot be used.",
      where: file,
      got,
      wanted: "a module whose default export is made by defineUserFile",
    });
  if (!existsSync(file)) throw bad("no such file");
  const { default: given } = (await import(pathToFileURL(file).href)) as { default?: UserFile };
  if (typeof given?.openAccount !== "function") throw bad("no openAccount in its default export");
  return given;
}
