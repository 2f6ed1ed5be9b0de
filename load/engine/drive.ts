import { Pool } from "undici";
import type { RunWriter } from "../../gates/evidence/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { longestMs } from "../plan.ts";
import type { Order, Summary } from "../protocol.ts";
import { randomFrom } from "../random.ts";
import type { Variables } from "../scenario/template.ts";
import type { Scenario } from "../scenario/types.ts";
import { exchange } from "./exchange.ts";
import { Health, round } from "./health.ts";
import { judgeReply } from "./judge-reply.ts";
import { scheduleOf } from "./schedule.ts";
import { runUser, type Surroundings } from "./user.ts";
import { waitUntil } from "./wait.ts";

export interface DriveOptions extends Pick<Order, "target" | "phases" | "budget" | "timeoutMs" | "seed"> {
  readonly scenario: Scenario;
  readonly model: OperationModel;
  readonly evidence: RunWriter;
  /** Ends the load: nothing is sent any more, and who is under way has a second. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: {
    readonly sent: number;
    readonly errors: number;
    readonly phase: string;
  }) => void;
}

const SAMPLE_MS = 1000;
const GRACE_MS = 1000;

/**
 * Runs the whole load by an absolute schedule: users arrive when they are due, however the target fares. Each
 * request that was due and sent leaves exactly one record.
 */
export async function drive(options: DriveOptions): Promise<Summary> {
  const { scenario, model, evidence, target, timeoutMs } = options;
  const schedule = scheduleOf(options.phases);
  const base = new URL(target.url);
  const prefix = base.pathname.replace(/\/$/, "");
  const pool = new Pool(base.origin, {
    connections: null,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
  });
  const startedAt = performance.now();
  const clock = (): number => performance.now() - startedAt;
  const health = new Health(target.name, 0);
  const counts = { due: 0, sent: 0, recorded: 0, errors: 0 };
  let closed = false;
  const over = new AbortController();
  let ended: Summary["ended"] = "complete";
  const end = (why: Summary["ended"]): void => {
    if (!over.signal.aborted) ended = why;
    over.abort();
  };
  const stop = (): void => end("stopped");
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();

  const around: Surroundings = {
    clock,
    over: over.signal,
    send(ask, dueMs) {
      counts.due += 1;
      health.due();
      if (counts.sent >= options.budget) end("out-of-budget");
      if (over.signal.aborted) return undefined;
      counts.sent += 1;
      const headers = { ...target.headers, ...ask.headers };
      health.sent(clock() - dueMs);
      return exchange(pool, { ...ask, path: prefix + ask.path, headers }, timeoutMs, clock);
    },
    judge: (step, variables, got, pending) => judgeReply(model, step, variables, got, pending),
    record(step, dueMs, got, outcome) {
      // Cut off by our own end: that says nothing about the target.
      if (closed) return;
      const { firstByteMs } = got;
      const requestId = headerOf(got.headers, "apigw-requestid") ?? headerOf(got.headers, "x-amzn-requestid");
      const init = headerOf(got.headers, "x-cutover-init");
      evidence.append("requests", {
        seq: counts.recorded,
        worker: 0,
        target: target.name,
        endpoint: step.endpoint,
        phase: schedule.phaseAt(dueMs),
        dueMs: round(dueMs),
        sentMs: round(got.sentMs),
        ...(firstByteMs !== undefined && { firstByteMs: round(firstByteMs) }),
        doneMs: round(got.doneMs),
        reply: got.reply,
        outcome,
        bytes: got.body.byteLength,
        ...(requestId !== undefined && { requestId }),
        ...(init !== undefined && { cold: init === "cold" }),
      });
      counts.recorded += 1;
      if (outcome !== "ok") counts.errors += 1;
    },
  };
  const sample = (): void => evidence.append("generator", health.sample(clock()));
  const tell = (): void =>
    options.onProgress({ sent: counts.sent, errors: counts.errors, phase: schedule.phaseAt(clock()) });
  const ticks = setInterval(() => {
    sample();
    tell();
  }, SAMPLE_MS);
  const hardStop = setTimeout(() => end("out-of-time"), longestMs(options));

  const given = variablesOf(scenario, evidence.runId, options.seed);
  const users: Promise<void>[] = [];
  try {
    for (const [user, arrivalMs] of schedule.arrivals.entries()) {
      await waitUntil(arrivalMs, clock, over.signal);
      if (over.signal.aborted) break;
      users.push(runUser(scenario, given(user), arrivalMs, around));
    }
    await Promise.race([Promise.all(users), graceAfter(over.signal)]);
  } finally {
    clearInterval(ticks);
    clearTimeout(hardStop);
    options.signal.removeEventListener("abort", stop);
    over.abort();
    closed = true;
    await pool.destroy();
    sample();
    tell();
    health.close();
  }
  return { due: counts.due, recorded: counts.recorded, errors: counts.errors, ended };
}

function graceAfter(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wait = (): void => void setTimeout(resolve, GRACE_MS);
    if (over.aborted) wait();
    else over.addEventListener("abort", wait, { once: true });
  });
}

/** The variables each user begins with: the same for the same seed. */
function variablesOf(scenario: Scenario, runId: string, seed: number): (user: number) => Variables {
  const random = randomFrom(seed);
  return (user) => ({
    runId,
    user,
    seed,
    ...Object.fromEntries(
      Object.entries(scenario.variables).map(([name, values]) => [
        name,
        values[Math.floor(random() * values.length)],
      ]),
    ),
  });
}

function headerOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
