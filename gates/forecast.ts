import type { ColdStart, RunRecord } from "./evidence/index.ts";
import { sampleOf } from "./load-sample.ts";
import { clopperPearson } from "./statistics/binomial.ts";
import { quantile, quantileBounds, sortMs } from "./statistics/quantiles.ts";

/** Environments that AWS adds to one function, documented: 1,000 every 10 s, refilled continuously, never accrued. */
export const SCALING = { environments: 1000, perSeconds: 10 } as const;
/** Concurrent executions of an account, unless it was raised. */
export const ACCOUNT_CONCURRENCY = 1000;

/** A step of a traffic shift. */
export interface Step {
  /** The share of all traffic that the candidate gets, from above 0 to 1. */
  readonly share: number;
  /** Requests a second of all traffic at its peak. */
  readonly peak: number;
}

export interface Forecast {
  readonly step: Step;
  /** Requests a second that reach the candidate at the peak. */
  readonly rate: number;
  /** Environments that the peak keeps busy. */
  readonly environments: number;
  /** Seconds until Lambda may have added them, at the documented rate. */
  readonly rampSeconds: number;
  /** Requests that meet a cold start when the step is taken at once. */
  readonly coldRequests: number;
  /** Their share in the first minute. */
  readonly coldShare: number;
  /** Requests refused in the first minute because the account's concurrency or the scaling rate is too low. */
  readonly throttled: number;
  /** Expected errors in the first hour, beside throttles: the upper 95 % bound of the measured error rate. */
  readonly errors: number;
  /** The share of the first hour's error budget that errors and throttles use. Above 1: it is overdrawn. */
  readonly budgetUsed: number;
  /** What a user who meets a cold start waits: P99, and its upper bound where the samples give one. */
  readonly coldP99Ms: number;
  readonly coldP99UpperMs: number | null;
  readonly assumptions: readonly string[];
}

export interface Measured {
  /** P99 of forced cold starts, as the client waited. */
  readonly coldMs: readonly number[];
  /** Mean time that a warm request keeps an environment, ms. */
  readonly busyMs: number;
  /** Invocations of functions for each request: authorizer and function are two. */
  readonly invocations: number;
  readonly errors: { readonly x: number; readonly n: number };
  /** The share of requests that may fail. */
  readonly budget: number;
  readonly concurrency: number;
  /** Functions that the traffic reaches: each needs an environment. */
  readonly functions: number;
}

/**
 * What a step of a traffic shift will do, from what was measured and from what AWS documents. A forecast, not a
 * measurement: no gate decides by it, and `assumptions` says what it takes for granted.
 */
export function forecast(step: Step, measured: Measured): Forecast {
  const rate = step.peak * step.share;
  // Little's law: what arrives times how long it stays. Of each of the invocations of a request.
  const wanted = Math.ceil((rate * measured.busyMs * measured.invocations) / 1000);
  // While environments start, what arrives finds none that is free and starts another.
  const cold = sortMs(measured.coldMs);
  const coldMean = measured.coldMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, measured.coldMs.length);
  const starting = Math.ceil((rate * measured.invocations * coldMean) / 1000);
  const environments = Math.max(wanted, starting, measured.functions);
  const allowed = Math.min(environments, measured.concurrency);
  const rampSeconds =
    Math.max(0, allowed - SCALING.environments) / (SCALING.environments / SCALING.perSeconds);
  // Each environment is started by one request; one request may meet two of them, which would make it fewer.
  const coldRequests = Math.min(rate * 60, allowed);
  // Above the account's concurrency every request beyond it is refused; while the ramp lasts, half on average.
  const over = environments === 0 ? 0 : Math.max(0, wanted - measured.concurrency) / Math.max(1, wanted);
  const short = Math.max(0, 1 - SCALING.environments / Math.max(1, allowed)) / 2;
  const throttled = rate * (60 * over + Math.min(60, rampSeconds) * short * (1 - over));
  const { upper } = clopperPearson(measured.errors.x, measured.errors.n);
  const hour = rate * 3600;
  const errors = hour * upper;
  return {
    step,
    rate,
    environments,
    rampSeconds,
    coldRequests,
    coldShare: rate === 0 ? 0 : coldRequests / (rate * 60),
    throttled,
    errors,
    budgetUsed: hour === 0 ? 0 : (errors + throttled + 59 * 60 * rate * over) / (hour * measured.budget),
    coldP99Ms: quantile(cold, 0.99) ?? 0,
    coldP99UpperMs: quantileBounds(cold, 0.99).upper,
    assumptions: [
      "The step is taken at once, at the peak, with no environment warm.",
      `Lambda adds ${SCALING.environments} environments every ${SCALING.perSeconds} s to each function, and the traffic is spread over the functions as in the measurement.`,
      `The account may run ${measured.concurrency} invocations at once, and nothing else uses them.`,
      "Each request takes as long as in the measurement, on the memory size and region measured.",
      "Errors are as rare as the measurement proves at 95 %, not as rare as it saw.",
    ],
  };
}

/** What a forecast needs of a run; undefined when it has no cold starts or no load of its candidate. */
export function measuredOf(record: RunRecord, concurrency = ACCOUNT_CONCURRENCY): Measured | undefined {
  const target = record.file.targets.find((one) => one.role === "candidate")?.name;
  const requests = sampleOf(record, target ?? "");
  const coldMs = record.coldStarts.filter((one) => isForced(one, target)).map((one) => one.clientMs);
  if (requests.n === 0 || coldMs.length === 0) return undefined;
  const own = record.invocations.filter((one) => one.target === target);
  const parts = own.flatMap((one) => one.parts).filter((part) => part.durationMs !== undefined);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const budget = record.file.profile.gates.find((gate) => gate.gate === "errorRate")?.limit ?? 0.001;
  return {
    coldMs,
    // Without the platform's own figures a request is taken to keep one environment for as long as the client waited.
    busyMs: parts.length > 0 ? mean(parts.map((part) => part.durationMs ?? 0)) : requests.meanServiceMs(),
    invocations: own.length > 0 ? Math.max(1, parts.length / own.length) : 1,
    errors: { x: requests.only((request) => request.outcome !== "ok").n, n: requests.n },
    budget,
    concurrency,
    functions: new Set(parts.map((part) => part.function)).size,
  };
}

function isForced(sample: ColdStart, target: string | undefined): boolean {
  return sample.target === target && sample.population === "serial" && sample.classification === "cold";
}
