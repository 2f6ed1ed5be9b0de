import { CutoverError, EXIT, type ExitCode, Interrupted } from "../gates/exit.ts";
import { loadSpecs, operationById } from "../openapi/model/index.ts";
import { launchArtillery } from "./artillery.ts";
import { type Phase, planFor, requestsOfUser } from "./plan.ts";
import { machineMs, type Order, type Summary } from "./protocol.ts";
import { readScenario, scriptFile } from "./scenario/read.ts";
import type { Scenario } from "./scenario/types.ts";
import { requestsIn } from "./scenario/walk.ts";

export interface LoadOptions {
  /** More than one: a paired load, in which the same users come to all of them at the same time. */
  readonly targets: Order["targets"];
  /** A file in load/scenarios/, without its ending. */
  readonly scenario: string;
  readonly phases: readonly Phase[];
  /** At least so many requests on each target. */
  readonly requests: number;
  /** Requests a second that the highest rate of the phases becomes; all are scaled with it. */
  readonly peak?: number;
  readonly timeoutMs: number;
  /** Processes that share the users between them. Default 1. */
  readonly workers?: number;
  /** The folder of a run; `requests` and `generator` records are added to it. */
  readonly runDir: string;
  readonly seed: number;
  readonly secrets: readonly string[];
  readonly specs: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** How far the load on all targets is. */
export interface LoadProgress {
  readonly sent: number;
  readonly planned: number;
  readonly errors: number;
  readonly phase: string;
  /** How far it is on the target that something is new of. */
  readonly of: { readonly target: string; readonly requests: number; readonly errors: number };
}

/** `planned`: requests that were due; `finished`: those recorded. They differ when the load was cut short. */
export interface LoadResult {
  readonly target: string;
  readonly planned: number;
  readonly finished: number;
}

/** Requests over the plan that polls may add: a fifth, and at least as many as one user's. */
const RESERVE = 0.2;
/** All workers begin together, this long after the last of them was ready. */
const LEAD_MS = 50;

/**
 * Runs a scenario against targets through Artillery and leaves a record of every request in the run's folder.
 * @returns one result for each target
 * @throws UsageError for an unknown scenario or one that cannot be run, SpecError for documents that cannot be
 *   used or lack an operation of the scenario, Interrupted when aborted (what was seen
 *   is kept), CutoverError (exit 2) when the load had to be ended early or could not be prepared, EvidenceError, and
 *   exit 70 when Artillery itself fails
 */
export async function runLoad(options: LoadOptions): Promise<readonly LoadResult[]> {
  const scenario = readScenario(options.scenario, options.specs);
  requireOperationsOf(scenario, options.specs);
  const perUser = requestsOfUser(scenario);
  const plan = planFor(options, perUser);
  const { targets, timeoutMs, runDir, seed, secrets, specs, signal, workers = 1 } = options;
  const planned = plan.requests * targets.length;
  const shares = Array.from({ length: workers }, (_, index) => ({ index, of: workers }));
  const seen = new Map<string, { readonly target: string; readonly sent: number; readonly errors: number }>();
  const go = startingGun(workers);
  const script = scriptFile(options.scenario, specs);
  // When one worker fails, the others have nothing to go on for.
  const broken = new AbortController();
  const work = shares.map((share) => {
    const mine = Math.ceil(plan.requests / workers);
    const order: Order = {
      kind: "start",
      targets: targets.map(({ name, url, headers }) => ({ name, url, headers })),
      phases: plan.phases,
      budget: Math.max(Math.ceil(mine * (1 + RESERVE)), mine + perUser),
      timeoutMs,
      runDir,
      seed,
      secrets,
      specs,
      share,
    };
    return launchArtillery(script.file, order, {
      signal: AbortSignal.any([signal, broken.signal]),
      onReady: go,
      onProgress: ({ target, sent, errors, phase }) => {
        seen.set(`${share.index} ${target}`, { target, sent, errors });
        const all = [...seen.values()];
        const own = all.filter((one) => one.target === target);
        options.onProgress?.({
          sent: sumOf(all, "sent"),
          planned,
          errors: sumOf(all, "errors"),
          phase,
          of: { target, requests: sumOf(own, "sent"), errors: sumOf(own, "errors") },
        });
      },
    }).catch((error: unknown) => {
      broken.abort();
      throw error;
    });
  });
  const ended = await Promise.allSettled(work);
  script.remove();
  const failures = ended.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  // What stopped the others says more than that they were stopped.
  if (failures.length > 0) throw failures.find((one) => !(one instanceof Interrupted)) ?? failures[0];
  const summaries = ended.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  return targets.map(({ name }) => {
    const own = summaries.filter(({ target }) => target === name);
    const recorded = own.reduce((sum, one) => sum + one.recorded, 0);
    for (const one of own) requireComplete(one, recorded, plan.requests);
    return { target: name, planned: own.reduce((sum, one) => sum + one.due, 0), finished: recorded };
  });
}

function sumOf<K extends string>(all: readonly Readonly<Record<K, number>>[], key: K): number {
  return all.reduce((sum, one) => sum + one[key], 0);
}

/** What each of `count` workers calls when it is ready: resolves for all when the last one has. */
function startingGun(count: number): () => Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let waiting = count;
  return () => {
    waiting -= 1;
    if (waiting === 0) resolve(machineMs() + LEAD_MS);
    return promise;
  };
}

/**
 * Replies are held to operations: to one that no document has, every reply would be wrong.
 * @throws SpecError for a request whose name is no operation
 */
export function requireOperationsOf(scenario: Scenario, specs: readonly string[]): void {
  if (specs.length === 0) return;
  const model = loadSpecs(specs);
  for (const { named, endpoint } of requestsIn([...(scenario.setup?.flow ?? []), ...scenario.flow])) {
    if (named) operationById(model, endpoint);
  }
}

function requireComplete({ ended, target }: Summary, recorded: number, planned: number): void {
  if (ended === "complete") return;
  if (ended === "stopped") throw new Interrupted();
  const why = {
    "out-of-budget": "its users made many more requests than planned: they had to poll too often",
    "out-of-time": "its users took far longer than the schedule",
  }[ended];
  throw new CutoverError(EXIT.unknown satisfies ExitCode, {
    what: `The load on ${target} was ended early: ${why}.`,
    got: `${recorded} requests, where ${planned} were planned`,
    next: "The target is probably overloaded: lower the rates of the profile's phases.",
  });
}
