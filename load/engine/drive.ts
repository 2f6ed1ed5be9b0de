import type { GeneratorSample, RunWriter } from "../../gates/evidence/index.ts";
import { CutoverError, describeError, EXIT } from "../../gates/exit.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { longestMs } from "../plan.ts";
import type { Order, Summary } from "../protocol.ts";
import type { Payload } from "../scenario/payload.ts";
import type { Variables } from "../scenario/template.ts";
import type { RequestStep, Scenario } from "../scenario/types.ts";
import { fewestRequests, requestsIn } from "../scenario/walk.ts";
import { askOf } from "./ask.ts";
import { Connections } from "./connections.ts";
import { type Ask, type Exchange, exchange } from "./exchange.ts";
import { Health } from "./health.ts";
import type { Events, Functions } from "./hooks.ts";
import { judgeReply } from "./judge-reply.ts";
import { Recorder, type RequestWriter, writerFor } from "./recorder.ts";
import { type Schedule, type Share, scheduleOf } from "./schedule.ts";
import { makeWorlds } from "./setup.ts";
import { type Surroundings, User } from "./user.ts";
import { variablesOf } from "./variables.ts";
import { paced } from "./wait.ts";

export interface DriveOptions extends Pick<Order, "phases" | "budget" | "timeoutMs" | "seed"> {
  readonly target: Order["targets"][number];
  readonly scenario: Scenario;
  /** Undefined: replies are held to no operation. */
  readonly model: OperationModel | undefined;
  readonly evidence: Pick<RunWriter, "append" | "compact" | "runId">;
  /** Takes the requests in place of the evidence. */
  readonly requests?: RequestWriter;
  /** Ends the load: nothing is sent any more, and who is under way has a second. */
  readonly signal: AbortSignal;
  readonly share?: Share;
  readonly functions?: Functions;
  readonly payloads?: readonly Payload[];
  readonly events?: Events;
  readonly calibration?: NonNullable<GeneratorSample["calibration"]>;
  /** Made before, by the load that this one goes on from. */
  readonly worlds?: readonly Variables[];
  /** The number of the first user. Default 0. */
  readonly firstUser?: number;
  readonly onProgress: (progress: {
    readonly sent: number;
    readonly errors: number;
    readonly phase: string;
  }) => void;
}

/** A load that has made what it needs and waits for its moment. */
export interface ReadyLoad {
  readonly worlds: readonly Variables[];
  /** Users who will come, and the fewest requests they make. */
  readonly arrivals: number;
  readonly requests: number;
  /** @param startAt by `performance.now()`: when the schedule begins */
  run(startAt: number): Promise<Summary>;
}

const SAMPLE_MS = 1000;
const GRACE_MS = 1000;
const silent: Events = { emit: () => undefined };

/** Prepares a load and runs it at once. */
export async function drive(options: DriveOptions): Promise<Summary> {
  return (await prepareDrive(options)).run(performance.now());
}

/**
 * Prepares a load that runs all its users by an absolute schedule: they arrive when they are due, however the
 * target fares. Each request that was due and sent leaves exactly one record.
 * @throws CutoverError (exit 2) when what the scenario needs cannot be made on the target; its `run` throws
 *   EvidenceError when a record cannot be written, and UsageError when a function of the scenario fails
 */
export async function prepareDrive(options: DriveOptions): Promise<ReadyLoad> {
  const { scenario, target, timeoutMs, functions = {}, payloads = [] } = options;
  const { index, of } = options.share ?? { index: 0, of: 1 };
  const schedule = scheduleOf(options.phases, options.seed, { index, of });
  const connections = new Connections(new URL(target.url).origin, timeoutMs);
  const given = variablesOf(scenario, payloads, { ...options, runId: options.evidence.runId });
  try {
    const worlds = options.worlds ?? (await makeWorlds({ ...options, connections, functions, index, given }));
    const start = (user: number): Variables => ({
      ...given(user),
      ...(worlds.length > 0 && worlds[user % worlds.length]),
    });
    const load = new Load(options, schedule, connections, { index, of }, start);
    const arrivals = schedule.arrivals.length;
    return {
      worlds,
      arrivals,
      requests: arrivals * fewestRequests(scenario.flow),
      run: (startAt) => load.run(startAt).finally(() => connections.destroy()),
    };
  } catch (error) {
    await connections.destroy();
    throw error;
  }
}

/** One load on one target by one worker. */
class Load {
  readonly #options: DriveOptions;
  readonly #schedule: Schedule;
  readonly #connections: Connections;
  readonly #share: Share;
  readonly #variables: (user: number) => Variables;
  readonly #prefix: string;
  readonly #health: Health;
  readonly #recorder: Recorder;
  readonly #over = new AbortController();
  #startedAt = 0;
  #due = 0;
  #sent = 0;
  #underWay = 0;
  #closed = false;
  #ended: Summary["ended"] = "complete";
  #failed: unknown;
  #idle: (() => void) | undefined;
  #lastHeaders: { readonly own: Ask["headers"] | undefined; readonly whole: Ask["headers"] } = {
    own: undefined,
    whole: {},
  };

  constructor(
    options: DriveOptions,
    schedule: Schedule,
    connections: Connections,
    share: Share,
    variables: (user: number) => Variables,
  ) {
    const { target, evidence, events = silent } = options;
    const about = {
      target: target.name,
      worker: share.index,
      endpoints: [...new Set(requestsIn(options.scenario.flow).map(({ endpoint }) => endpoint))],
      phases: [...new Set(options.phases.map(({ name }) => name))],
    };
    this.#options = options;
    this.#schedule = schedule;
    this.#connections = connections;
    this.#share = share;
    this.#variables = variables;
    this.#prefix = new URL(target.url).pathname.replace(/\/$/, "");
    this.#health = new Health(target.name, share.index, options.calibration);
    this.#recorder = new Recorder(
      target.name,
      share.index,
      events,
      options.requests ?? writerFor(evidence, options.budget, about),
    );
  }

  async run(startAt: number): Promise<Summary> {
    const { signal, phases, timeoutMs, onProgress, firstUser = 0 } = this.#options;
    this.#startedAt = startAt;
    this.#health.begin(this.#clock());
    const stop = (): void => this.#end("stopped");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const tell = (): void => {
      this.#write(() => {
        this.#options.evidence.append("generator", this.#health.sample(this.#clock()));
        this.#recorder.report();
      });
      const { errors } = this.#recorder;
      onProgress({ sent: this.#sent, errors, phase: this.#schedule.phaseAt(this.#clock()) });
    };
    const ticks = setInterval(tell, SAMPLE_MS);
    const hardStop = setTimeout(() => this.#end("out-of-time"), longestMs({ phases, timeoutMs }));
    const arrive = this.#arrival();
    try {
      await paced(this.#schedule.arrivals, this.#clock, this.#over.signal, (index, dueMs) => {
        this.#underWay += 1;
        arrive(firstUser + index * this.#share.of + this.#share.index, dueMs);
      });
      await Promise.race([this.#allHome(), graceAfter(this.#over.signal)]);
    } finally {
      clearInterval(ticks);
      clearTimeout(hardStop);
      signal.removeEventListener("abort", stop);
      this.#over.abort();
      this.#closed = true;
      tell();
      this.#health.close();
    }
    if (this.#failed !== undefined) throw this.#failed;
    const { recorded, errors } = this.#recorder;
    return { target: this.#options.target.name, due: this.#due, recorded, errors, ended: this.#ended };
  }

  readonly #clock = (): number => performance.now() - this.#startedAt;

  #end(why: Summary["ended"]): void {
    if (!this.#over.signal.aborted) this.#ended = why;
    this.#over.abort();
  }

  /** What to do when a user arrives: walk, or the shorter way where walking is one request. */
  #arrival(): (user: number, dueMs: number) => void {
    const { scenario } = this.#options;
    const only = onlyRequest(scenario);
    if (only !== undefined) return (user, dueMs) => this.#shoot(only, user, dueMs);
    const around = this.#surroundings();
    return (number, dueMs) => {
      const user = new User(scenario, number, { vars: this.#variables(number) }, around);
      user.walk(scenario.flow, dueMs).then(
        () => this.#home(),
        (error: unknown) => this.#broken(error),
      );
    };
  }

  #shoot(step: RequestStep, user: number, dueMs: number): void {
    const vars = this.#variables(user);
    const ask = askOf(step, this.#options.scenario.headers, vars);
    const sent = this.#send(ask, dueMs, (got) => {
      const { outcome } = judgeReply(this.#options.model, step, vars, got);
      this.#record(step, user, dueMs, got, outcome);
      this.#home();
    });
    if (!sent) this.#home();
  }

  /** False when the load has ended and nothing may be sent any more. */
  #send(ask: Ask, dueMs: number, done: (got: Exchange) => void): boolean {
    const { budget, timeoutMs } = this.#options;
    this.#due += 1;
    this.#health.due();
    if (this.#sent >= budget) this.#end("out-of-budget");
    if (this.#over.signal.aborted) return false;
    this.#sent += 1;
    this.#health.sent(this.#clock() - dueMs);
    const { method, path, body } = ask;
    const whole = { method, path: this.#prefix + path, headers: this.#headersFor(ask.headers), body };
    exchange(this.#connections, whole, timeoutMs, this.#clock, done);
    return true;
  }

  /** The target's headers and a request's own; where those hold no template they are the same for every user. */
  #headersFor(own: Ask["headers"]): Ask["headers"] {
    if (own !== this.#lastHeaders.own)
      this.#lastHeaders = { own, whole: { ...this.#options.target.headers, ...own } };
    return this.#lastHeaders.whole;
  }

  #record(step: RequestStep, user: number, dueMs: number, got: Exchange, outcome: string): void {
    // Cut off by our own end: that says nothing about the target.
    if (this.#closed) return;
    const phase = this.#schedule.phaseAt(dueMs);
    this.#write(() =>
      this.#recorder.add({ endpoint: step.endpoint, phase, user, dueMs, outcome: outcome as "ok" }, got),
    );
  }

  /**
   * A load whose evidence cannot be written has nothing to go on for. Writes happen in timers and in the middle of
   * undici, where nobody would catch what they throw: it is kept, and ends `run`.
   */
  #write(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#failed ??= error;
      this.#end("stopped");
    }
  }

  #surroundings(): Surroundings {
    const { model, target, functions = {}, events = silent } = this.#options;
    return {
      clock: this.#clock,
      over: this.#over.signal,
      target: target.url.replace(/\/$/, ""),
      functions,
      events,
      send: (ask, dueMs) => {
        const { promise, resolve } = Promise.withResolvers<Exchange>();
        return this.#send(ask, dueMs, resolve) ? promise : undefined;
      },
      judge: (step, variables, got, pending) => judgeReply(model, step, variables, got, pending),
      record: (step, user, dueMs, got, { outcome }) => this.#record(step, user, dueMs, got, outcome),
    };
  }

  #home(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#idle?.();
  }

  /** A function of the scenario failed: nothing is known of what that user would have done. */
  #broken(error: unknown): void {
    this.#failed ??= new CutoverError(EXIT.usage, {
      what: "A function of the scenario failed.",
      where: this.#options.scenario.processor ?? this.#options.scenario.file,
      got: describeError(error).text.split("\n")[0] ?? "",
      wanted: "functions that end without an error; one that checks a reply belongs in afterResponse",
    });
    this.#end("stopped");
    this.#home();
  }

  #allHome(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }
}

/** The one request that a user makes, where there is nothing else to a scenario. */
function onlyRequest({ flow, hooks }: Scenario): RequestStep | undefined {
  const [step, another] = flow;
  if (step?.kind !== "request" || another !== undefined) return undefined;
  const plain = step.ifTrue === undefined && step.cookies === undefined;
  const calls = [hooks, step].some(
    ({ beforeRequest, afterResponse }) => beforeRequest.length + afterResponse.length > 0,
  );
  return plain && !calls ? step : undefined;
}

function graceAfter(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wait = (): void => void setTimeout(resolve, GRACE_MS);
    if (over.aborted) wait();
    else over.addEventListener("abort", wait, { once: true });
  });
}
