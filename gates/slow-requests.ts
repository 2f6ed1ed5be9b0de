import type { InvocationTrace, LoadRequest, RunRecord } from "./evidence/index.ts";
import { quantile, sortMs } from "./statistics/quantiles.ts";

/**
 * Why a request was slow. `queued`: it waited, for its turn at the generator, for a connection, or on the platform
 * for an environment. `slow-downstream`: the function itself, or what it called, took longer than it usually does.
 */
export type Cause = "cold" | "queued" | "throttled" | "slow-downstream" | "unexplained";

export interface SlowRequest {
  readonly request: LoadRequest;
  readonly latencyMs: number;
  /** What it took beyond the usual for its operation. */
  readonly excessMs: number;
  readonly cause: Cause;
  /** How much of the excess each cause accounts for, in milliseconds. */
  readonly parts: Readonly<Record<"cold" | "queued" | "slow-downstream", number>>;
}

/** A request is slow when it takes so many times the median of its operation, and so many milliseconds more. */
const TIMES = 2;
const MORE_MS = 20;
/** A cause is named when it accounts for at least half of the excess. */
const NAMED = 0.5;

/** Every slow request of a target with its cause, the slowest first. */
export function slowRequests(record: RunRecord, target: string): readonly SlowRequest[] {
  const traces = new Map(
    record.invocations.filter((one) => one.target === target).map((one) => [one.requestId, one]),
  );
  const own = record.requests.filter((request) => request.target === target);
  const found = [...Map.groupBy(own, (request) => request.endpoint).values()].flatMap((requests) => {
    const usual = usualOf(requests, traces);
    return requests.flatMap((request) => {
      const latencyMs = request.doneMs - request.dueMs;
      const excessMs = latencyMs - usual.latencyMs;
      const throttled = isThrottled(request, traceOf(request, traces));
      if (!throttled && (latencyMs < TIMES * usual.latencyMs || excessMs < MORE_MS)) return [];
      const parts = partsOf(request, traceOf(request, traces), usual);
      return [
        {
          request,
          latencyMs,
          excessMs,
          parts,
          cause: throttled ? "throttled" : causeOf(parts, excessMs),
        } as const,
      ];
    });
  });
  return found.sort((a, b) => b.latencyMs - a.latencyMs);
}

/** P99 of a target's latency with all requests, and without those that met a cold start. */
export function p99WithoutCold(
  record: RunRecord,
  target: string,
): { readonly all: number | null; readonly warm: number | null; readonly cold: number } {
  const traces = new Map(record.invocations.map((one) => [one.requestId, one]));
  const own = record.requests.filter((request) => request.target === target);
  const warm = own.filter((request) => !isCold(request, traceOf(request, traces)));
  const p99 = (requests: readonly LoadRequest[]): number | null =>
    quantile(sortMs(requests.map((request) => request.doneMs - request.dueMs)), 0.99);
  return { all: p99(own), warm: p99(warm), cold: own.length - warm.length };
}

type Traces = ReadonlyMap<string, InvocationTrace>;
type Trace = InvocationTrace | undefined;

function traceOf(request: LoadRequest, traces: Traces): Trace {
  return request.requestId === undefined ? undefined : traces.get(request.requestId);
}

function isCold(request: LoadRequest, trace: Trace): boolean {
  return request.cold === true || (trace?.parts.some((part) => initOf(part) > 0) ?? false);
}

function isThrottled(request: LoadRequest, trace: Trace): boolean {
  if (request.outcome === "ok") return false;
  return request.outcome === "throttled" || request.reply === 429 || /throttl/i.test(trace?.error ?? "");
}

/** What is usual for an operation: medians, so that the slow ones do not count among the usual. */
interface Usual {
  readonly latencyMs: number;
  readonly waitMs: number;
  readonly durationMs: Readonly<Record<"authorizer" | "function", number>>;
}

function usualOf(requests: readonly LoadRequest[], traces: Traces): Usual {
  const median = (values: readonly number[]): number => quantile(sortMs(values), 0.5) ?? 0;
  const known = requests.flatMap((request) => {
    const trace = traceOf(request, traces);
    return trace ? [{ request, trace }] : [];
  });
  const duration = (role: "authorizer" | "function"): number =>
    median(
      known.flatMap(({ trace }) =>
        trace.parts.flatMap((part) =>
          part.role === role && part.durationMs !== undefined ? [part.durationMs] : [],
        ),
      ),
    );
  return {
    latencyMs: median(requests.map((request) => request.doneMs - request.dueMs)),
    waitMs: median(known.map(({ request, trace }) => waitMs(request, trace))),
    durationMs: { authorizer: duration("authorizer"), function: duration("function") },
  };
}

function partsOf(request: LoadRequest, trace: Trace, usual: Usual): SlowRequest["parts"] {
  const lateMs = Math.max(0, request.sentMs - request.dueMs);
  // Without a trace only its own lateness is known; the rest stays unexplained.
  if (!trace) return { cold: 0, queued: lateMs, "slow-downstream": 0 };
  let [cold, slow] = [0, 0];
  for (const part of trace.parts) {
    const initMs = initOf(part);
    const longer = Math.max(0, (part.durationMs ?? 0) - usual.durationMs[part.role]);
    // The first call in a new environment is slow as well: connections, compilers. That is part of the cold start, but
    // not beyond what the initialisation itself took.
    const first = Math.min(longer, initMs);
    cold += initMs + first;
    slow += longer - first;
  }
  return { cold, queued: Math.max(0, waitMs(request, trace) - usual.waitMs), "slow-downstream": slow };
}

/** What no function accounts for: lateness, connection, and the platform's own time. */
function waitMs(request: LoadRequest, trace: InvocationTrace): number {
  const worked = trace.parts.reduce((sum, part) => sum + (part.durationMs ?? 0) + initOf(part), 0);
  // An invocation whose REPORT is missing may have taken all of its latency: that is no wait.
  const unknown = trace.parts.reduce(
    (sum, part) => sum + (part.durationMs === undefined ? (part.latencyMs ?? 0) : 0),
    0,
  );
  return Math.max(0, request.doneMs - request.dueMs - worked - unknown);
}

function initOf(part: InvocationTrace["parts"][number]): number {
  return part.initMs ?? part.restoreMs ?? 0;
}

function causeOf(parts: SlowRequest["parts"], excessMs: number): Cause {
  const [most] = (["cold", "queued", "slow-downstream"] as const).toSorted((a, b) => parts[b] - parts[a]);
  return most !== undefined && parts[most] >= NAMED * excessMs ? most : "unexplained";
}
