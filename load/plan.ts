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

/** What is wanted of a load. */
export interface LoadWish {
  readonly phases: readonly Phase[];
  /** At least so many requests. */
  readonly requests: number;
  /** Requests a second that the highest rate of the phases becomes; all are scaled with it. */
  readonly peak?: number;
}

/** Up to so many requests on a target each is a record, of which all are read to judge; more are histograms. */
export const MOST_RECORDS = 2_000_000;
/** The schedule of a larger load would not fit into the memory of its engine. */
export const MOST_REQUESTS = 20_000_000;

/**
 * What a load will send: the phases, scaled to a peak where one is given, the longest of them stretched until the
 * users make at least `requests`.
 * @throws UsageError for a scenario that does not exist or cannot be run, and for more requests than one run holds
 */
export function planLoad(
  load: LoadWish & { readonly scenario: string; readonly specs?: readonly string[] },
): LoadPlan {
  return planFor(load, requestsOfUser(readScenario(load.scenario, load.specs)));
}

/** The same, where it is known how many requests a user makes. */
export function planFor({ phases, requests, peak }: LoadWish, perUser: number): LoadPlan {
  const plan = stretch(peak === undefined ? phases : scaled(phases, peak / perUser), requests, perUser);
  if (plan.requests <= MOST_REQUESTS) return plan;
  throw new UsageError({
    what: "This load is too large for one run.",
    where: "load.phases",
    got: `${plan.requests} requests on each target`,
    wanted: `at most ${MOST_REQUESTS}`,
    next: "Lower the rates or shorten the phases, and judge several runs.",
  });
}

/** The phases with all rates times the same, so that the highest of them becomes `peak` users a second. */
function scaled(phases: readonly Phase[], peak: number): readonly Phase[] {
  const factor = peak / Math.max(...phases.map(peakOf));
  return phases.map(({ rate, to, ...rest }) => ({
    ...rest,
    rate: rate * factor,
    ...(to !== undefined && { to: to * factor }),
  }));
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
