import { Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { joinRun, type RunWriter } from "../../gates/evidence/index.ts";
import { CutoverError, describeError, EXIT, type Failure } from "../../gates/exit.ts";
import { loadSpecs, type OperationModel } from "../../openapi/model/index.ts";
import { CapacityOf } from "../capacity/measure.ts";
import { peakOf, requestsOfUser } from "../plan.ts";
import {
  decoder,
  encode,
  type FromEngine,
  machineMs,
  type Order,
  PIPE,
  type Summary,
  type ToEngine,
} from "../protocol.ts";
import type { Payload } from "../scenario/payload.ts";
import type { Scenario } from "../scenario/types.ts";
import { type Calibration, calibrate } from "./calibrate.ts";
import { prepareDrive, type ReadyLoad } from "./drive.ts";
import type { Events, Functions } from "./hooks.ts";
import { prepareChecks } from "./prepare.ts";

interface Given {
  readonly functions: Functions;
  readonly payloads: readonly Payload[];
  readonly events: Events;
}

/** An order, and what is needed to carry it out. */
interface About extends Given {
  readonly order: Order;
  readonly scenario: Scenario;
  readonly model: OperationModel | undefined;
  readonly calibration: Calibration;
  readonly evidence: RunWriter;
  readonly signal: AbortSignal;
}

/** Takes the order from the pipe, carries it out, and tells how it ended. */
export async function carryOut(scenario: Scenario, given: Given): Promise<void> {
  const pipe = new Socket({ fd: PIPE });
  const say = (message: FromEngine): void => void pipe.write(encode(message));
  const stop = new AbortController();
  try {
    const orders = ordersFrom(pipe, stop);
    await work(scenario, given, orders, say, stop.signal);
  } catch (error) {
    say({ kind: "failed", ...failureOf(error) });
  } finally {
    // Nobody is left to end Artillery, which would take its time.
    if (pipe.readableEnded || pipe.destroyed) process.kill(process.pid, "SIGKILL");
    // Everything written reaches the other side before its end.
    await new Promise<void>((resolve) => pipe.end(resolve));
    pipe.unref();
  }
}

async function work(
  scenario: Scenario,
  given: Given,
  orders: Orders,
  say: (message: FromEngine) => void,
  signal: AbortSignal,
): Promise<void> {
  const order = await orders.order;
  const model = order.specs.length === 0 ? undefined : loadSpecs(order.specs);
  if (model) prepareChecks(scenario, model);
  goFirst();
  const users = order.search?.most ?? Math.max(...order.phases.map(peakOf)) * order.targets.length;
  const peak = users * requestsOfUser(scenario);
  const calibration = await calibrate(peak / order.share.of);
  const evidence = joinRun(order.runDir, { secrets: order.secrets });
  const about: About = { ...given, order, scenario, model, calibration, evidence, signal };
  let summaries: readonly Summary[];
  try {
    summaries = await (order.search === undefined
      ? loadTogether(about, orders, say)
      : searchInTurns(about, order.search, orders, say));
  } catch (error) {
    closeQuietly(evidence);
    throw error;
  }
  evidence.close();
  say({ kind: "done", summaries });
}

/** The files that can still be written get what waits for them; that one cannot is known already. */
function closeQuietly(evidence: RunWriter): void {
  try {
    evidence.close();
  } catch {
    // Only that which is being reported.
  }
}

/** The load on all targets at once. */
async function loadTogether(
  { order, signal, ...given }: About,
  orders: Orders,
  say: (message: FromEngine) => void,
): Promise<readonly Summary[]> {
  const loads: ReadyLoad[] = [];
  // One that fails ends the others: what they would still see is compared with nothing.
  const broken = new AbortController();
  for (const target of order.targets) {
    loads.push(
      await prepareDrive({
        ...order,
        ...given,
        target,
        signal: AbortSignal.any([signal, broken.signal]),
        onProgress: (progress) => say({ kind: "progress", target: target.name, ...progress }),
      }),
    );
  }
  say({ kind: "ready" });
  const startAt = performance.now() + (await orders.goAtMs) - machineMs();
  // Each target a part of the gap between two users later than the one before, so that none is always first.
  const gapMs = 1000 / Math.max(...order.phases.map(peakOf));
  const runs = loads.map((load, index) => load.run(startAt + (index * gapMs) / loads.length));
  for (const run of runs) run.catch(() => broken.abort());
  const ended = await Promise.allSettled(runs);
  return ended.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

/** Replicate after replicate, in each one target after the other: A B A B. */
async function searchInTurns(
  { order, evidence, ...given }: About,
  search: NonNullable<Order["search"]>,
  orders: Orders,
  say: (message: FromEngine) => void,
): Promise<readonly Summary[]> {
  say({ kind: "ready" });
  await orders.goAtMs;
  const all = order.targets.map(
    (target) => new CapacityOf({ ...order, ...given, target }, search, evidence, search.latenessP99Ms),
  );
  let done = 0;
  for (let replicate = 0; replicate < search.replicates && !given.signal.aborted; replicate++) {
    for (const one of all) await one.search(replicate);
    for (const one of all) await one.recover(replicate);
    done += given.signal.aborted ? 0 : 1;
    say({ kind: "progress", target: "", sent: done, errors: 0, phase: "search" });
  }
  const each = search.recovery === undefined ? 1 : 2;
  return order.targets.map(({ name }) => ({
    target: name,
    due: search.replicates * each,
    recorded: done * each,
    errors: 0,
    ended: given.signal.aborted ? "stopped" : "complete",
  }));
}

/**
 * The generator goes before what it measures, where both share a machine and the system allows it: else it
 * would take its own waiting for a slow target. On Linux this is about this thread alone.
 */
function goFirst(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_HIGH);
  } catch {
    // Not allowed; lateness shows whether that matters.
  }
}

interface Orders {
  readonly order: Promise<Order>;
  readonly goAtMs: Promise<number>;
}

/** The order, then the word to begin. What comes later, and the pipe's end, can only mean that it is over. */
function ordersFrom(pipe: Socket, stop: AbortController): Orders {
  const decode = decoder<ToEngine>();
  const order = Promise.withResolvers<Order>();
  const go = Promise.withResolvers<number>();
  // Who waits for neither any more has nothing to be told.
  order.promise.catch(() => undefined);
  go.promise.catch(() => undefined);
  pipe.setEncoding("utf8");
  const end = (): void => {
    stop.abort();
    const calledOff = new CutoverError(EXIT.interrupted, { what: "The load was called off." });
    order.reject(calledOff);
    go.reject(calledOff);
  };
  pipe.on("data", (chunk: string) => {
    for (const message of decode(chunk)) {
      if (message.kind === "start") order.resolve(message);
      else if (message.kind === "go") go.resolve(message.atMs);
      else end();
    }
  });
  pipe.on("end", end);
  pipe.on("close", end);
  pipe.on("error", end);
  return { order: order.promise, goAtMs: go.promise };
}

/** Errors of the specs are no `CutoverError` but have the same parts. */
function failureOf(error: unknown): { readonly failure: Failure; readonly exitCode: number } {
  const { exitCode } = error as { readonly exitCode?: unknown };
  if (error instanceof Error && typeof exitCode === "number") {
    const { what = error.message, where, got, wanted, next } = error as Error & Partial<Failure>;
    return { failure: { what, where, got, wanted, next }, exitCode };
  }
  const { text } = describeError(error);
  return { failure: { what: text }, exitCode: EXIT.bug };
}
