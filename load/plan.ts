import { readScenario } from "./scenario/read.ts";
import type { Scenario } from "./scenario/types.ts";

/** `rate`: users who begin the scenario, a second. */
export interface Phase {
  readonly name: string;
  readonly rate: number;
  readonly seconds: number;
}

export interface LoadPlan {
  readonly phases: readonly Phase[];
  /** Users who begin the scenario. */
  readonly arrivals: number;
  /** The fewest requests that these users make when nothing fails: polls may add to them. */
  readonly requests: number;
}

/**
 * What a load will send: the phases, the longest of them stretched until the users make at least `requests`.
 * @throws UsageError for a scenario that does not exist or cannot be run
 */
export function planLoad(load: {
  readonly scenario: string;
  readonly phases: readonly Phase[];
  readonly requests: number;
}): LoadPlan {
  return stretch(load.phases, load.requests, requestsOfUser(readScenario(load.scenario)));
}

/** The fewest requests of one user: each poll once. */
export function requestsOfUser(scenario: Scenario): number {
  return scenario.flow.filter((step) => step.kind !== "think").length;
}

/** Users who arrive in a phase: one at its start, then one each 1/rate seconds. */
export function arrivalsOf({ rate, seconds }: Phase): number {
  // Rounded first, because 0.1 * 30 is a little more than 3.
  return Math.ceil(Math.round(rate * seconds * 1e6) / 1e6);
}

export function stretch(phases: readonly Phase[], requests: number, perUser: number): LoadPlan {
  const sum = (list: readonly Phase[]): number => list.reduce((all, phase) => all + arrivalsOf(phase), 0);
  const missing = Math.ceil(requests / perUser) - sum(phases);
  const longest = phases.reduce<Phase | undefined>(
    (best, phase) => (best === undefined || phase.seconds > best.seconds ? phase : best),
    undefined,
  );
  const stretched =
    missing <= 0
      ? phases
      : phases.map((phase) =>
          phase === longest ? { ...phase, seconds: (arrivalsOf(phase) + missing) / phase.rate } : phase,
        );
  const arrivals = sum(stretched);
  return { phases: stretched, arrivals, requests: arrivals * perUser };
}

/** Users may be under way for so much longer than the schedule, beside the time one request may take. */
const EXTRA_MS = 30_000;

/** However a target fares, its load ends after this. */
export function longestMs(load: { readonly phases: readonly Phase[]; readonly timeoutMs: number }): number {
  return load.phases.reduce((sum, phase) => sum + phase.seconds * 1000, load.timeoutMs + EXTRA_MS);
}
