import { UsageError } from "../gates/exit.ts";
import { readScenario } from "./scenario/read.ts";
import type { Scenario } from "./scenario/types.ts";
import { fewestRequests } from "./scenario/walk.ts";

/** How users arrive for some time. */
export interface Phase {
  readonly name: string;
  /** Users who begin the scenario, a second. */
  readonly rate: number;
  readonly seconds: number;
  /** The rate at the end, to which it goes in a line. Left out: it stays. */
  readonly to?: number;
  /** Evenly spaced (the default), or independent of each other as users are. */
  readonly arrivals?: "uniform" | "poisson";
  /** Counts of arrivals in slices of equal length: their shape is kept, `rate` becomes the mean. */
  readonly trace?: readonly number[];
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

/** The fewest requests of one user: each poll once. @throws UsageError when there may be none */
export function requestsOfUser(scenario: Scenario): number {
  const requests = fewestRequests(scenario.flow);
  if (requests > 0) return requests;
  throw new UsageError({
    what: "Nobody can tell how many requests this scenario makes.",
    where: `${scenario.file}, flow`,
    got: "no request that every user makes",
    wanted: "at least one request without a condition",
  });
}

/** Users who arrive in a phase. At an even rate one comes at its start, then one each 1/rate seconds. */
export function arrivalsOf({ rate, to = rate, seconds }: Phase): number {
  // Rounded first, because 0.1 * 30 is a little more than 3.
  return Math.ceil(Math.round(((rate + to) / 2) * seconds * 1e6) / 1e6);
}

/** The most users a second of a phase. */
export function peakOf({ rate, to = rate, trace }: Phase): number {
  if (trace === undefined) return Math.max(rate, to);
  return (rate * Math.max(...trace) * trace.length) / trace.reduce((sum, count) => sum + count, 0);
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
          phase === longest
            ? {
                ...phase,
                seconds: ((arrivalsOf(phase) + missing) * 2) / (phase.rate + (phase.to ?? phase.rate)),
              }
            : phase,
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
