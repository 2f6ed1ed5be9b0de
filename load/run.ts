import { CutoverError, EXIT, type ExitCode, Interrupted } from "../gates/exit.ts";
import { loadSpecs, type OperationModel, operationById } from "../openapi/model/index.ts";
import { launchArtillery } from "./artillery.ts";
import { type Phase, requestsOfUser, stretch } from "./plan.ts";
import type { Order, Summary } from "./protocol.ts";
import { readScenario } from "./scenario/read.ts";
import type { Scenario } from "./scenario/types.ts";

export interface LoadOptions {
  readonly target: Order["target"];
  /** A file in load/scenarios/, without its ending. */
  readonly scenario: string;
  readonly phases: readonly Phase[];
  /** At least so many requests. */
  readonly requests: number;
  readonly timeoutMs: number;
  /** The folder of a run; `requests` and `generator` records are added to it. */
  readonly runDir: string;
  readonly seed: number;
  readonly secrets: readonly string[];
  readonly specs: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface LoadProgress {
  readonly sent: number;
  readonly planned: number;
  readonly errors: number;
  readonly phase: string;
}

/** `planned`: requests that were due; `finished`: those recorded. They differ when the load was cut short. */
export interface LoadResult {
  readonly planned: number;
  readonly finished: number;
}

/** Requests over the plan that polls may add: a fifth, and at least as many as one user's. */
const RESERVE = 0.2;

/**
 * Runs a scenario against a target through Artillery and leaves a record of every request in the run's folder.
 * @throws UsageError for an unknown scenario or one that cannot be run, SpecError for documents that cannot be
 *   used or lack an operation of the scenario, Interrupted when aborted (what was seen
 *   is kept), CutoverError (exit 2) when the load had to be ended early, EvidenceError, and exit 70 when
 *   Artillery itself fails
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const scenario = readScenario(options.scenario);
  requireOperations(scenario, loadSpecs(options.specs));
  const perUser = requestsOfUser(scenario);
  const plan = stretch(options.phases, options.requests, perUser);
  const { target, timeoutMs, runDir, seed, secrets, specs, signal } = options;
  const order: Order = {
    kind: "start",
    target: { name: target.name, url: target.url, headers: target.headers },
    phases: plan.phases,
    budget: Math.max(Math.ceil(plan.requests * (1 + RESERVE)), plan.requests + perUser),
    timeoutMs,
    runDir,
    seed,
    secrets,
    specs,
  };
  const summary = await launchArtillery(options.scenario, order, {
    signal,
    onProgress: ({ sent, errors, phase }) =>
      options.onProgress?.({ sent, planned: plan.requests, errors, phase }),
  });
  requireComplete(summary, plan.requests);
  return { planned: summary.due, finished: summary.recorded };
}

/** Replies are held to operations: to one that no document has, every reply would be wrong. */
function requireOperations(scenario: Scenario, model: OperationModel): void {
  for (const step of scenario.flow) {
    if (step.kind !== "think")
      operationById(model, step.kind === "poll" ? step.request.endpoint : step.endpoint);
  }
}

function requireComplete({ ended, recorded }: Summary, planned: number): void {
  if (ended === "complete") return;
  if (ended === "stopped") throw new Interrupted();
  const why = {
    "out-of-budget": "its users made many more requests than planned: they had to poll too often",
    "out-of-time": "its users took far longer than the schedule",
  }[ended];
  throw new CutoverError(EXIT.unknown satisfies ExitCode, {
    what: `The load was ended early: ${why}.`,
    got: `${recorded} requests, where ${planned} were planned`,
    next: "The target is probably overloaded: lower the rates of the profile's phases.",
  });
}
