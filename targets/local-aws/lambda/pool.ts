import { AwsError } from "../errors.ts";
import { Environment } from "./environment.ts";
import type { SandboxSettings } from "./sandbox.ts";
import type { FunctionVersion, Invocation, Outcome } from "./types.ts";

/** Counts since the start. */
export interface PoolStats {
  readonly environments: number;
  readonly busy: number;
  readonly started: number;
  readonly evicted: number;
  readonly throttled: number;
}

/**
 * How long an invocation waits for a busy environment of its function before another function's makes room,
 * ms. AWS has room for both and does neither. Here each eviction costs two cold starts (this one, and the one
 * of whoever lost its environment), and under load they would breed each other.
 */
const PATIENCE_MS = 2000;
/** With so many of its own an invocation waits; below, another is started, so that two at once really are. */
const ENOUGH = 2;

/**
 * All execution environments of this machine. One invocation at a time in each; when none of a version is idle
 * another is started. When the machine has no room for it, the invocation waits for one of its own busy ones, in
 * order; where there are too few of them, or the wait was too long, an idle one makes room: one that its function can
 * spare, if there is any. More invocations at once than environments exhaust the account's concurrency: they are
 * throttled.
 */
export class EnvironmentPool {
  readonly #settings: SandboxSettings;
  readonly #max: number;
  readonly #live = new Set<Environment>();
  /** Idle ones of each version, the most recently used last. */
  readonly #idle = new Map<FunctionVersion, Environment[]>();
  /** Invocations in flight for each function name, all versions together. */
  readonly #inFlight = new Map<string, number>();
  readonly #retired = new WeakSet<FunctionVersion>();
  /** Who waits for an environment of a version: each is told to try again. */
  readonly #waiting = new Map<FunctionVersion, (() => void)[]>();
  /** Invocations in flight, those that wait included. */
  #all = 0;
  #busy = 0;
  #started = 0;
  #evicted = 0;
  #throttled = 0;
  #closed = false;

  constructor(settings: SandboxSettings, max: number) {
    this.#settings = settings;
    this.#max = max;
  }

  /** Runs an invocation, or throws `TooManyRequestsException`. `reserved` is the function's reserved concurrency. */
  async run(fn: FunctionVersion, invocation: Invocation, reserved: number | undefined): Promise<Outcome> {
    if (this.#closed) throw new AwsError("ServiceException", "The local service is closed", 500);
    if (reserved !== undefined && (this.#inFlight.get(fn.name) ?? 0) >= reserved)
      throw this.#throttle("ReservedFunctionConcurrentInvocationLimitExceeded");
    // Those who wait count too: so many at once is what the account may have.
    if (this.#all >= this.#max) throw this.#throttle("ConcurrentInvocationLimitExceeded");
    this.#count(fn.name, 1);
    let environment: Environment | undefined;
    try {
      environment = await this.#admit(fn);
      this.#busy++;
      if (environment.lastUsed === 0) await environment.initialise();
      environment.lastUsed = performance.now();
      return await environment.invoke(invocation);
    } finally {
      this.#count(fn.name, -1);
      if (environment) {
        this.#busy--;
        this.#release(environment);
      }
    }
  }

  /** Ends every environment of a configuration that was replaced; busy ones after their invocation. */
  async retire(fn: FunctionVersion): Promise<void> {
    this.#retired.add(fn);
    const idle = this.#idle.get(fn) ?? [];
    this.#idle.delete(fn);
    await Promise.all(idle.map((environment) => this.#end(environment)));
  }

  stats(): PoolStats {
    return {
      environments: this.#live.size,
      busy: this.#busy,
      started: this.#started,
      evicted: this.#evicted,
      throttled: this.#throttled,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const queue of this.#waiting.values()) for (const tryAgain of [...queue]) tryAgain();
    await Promise.all([...this.#live].map((environment) => this.#end(environment)));
  }

  async #admit(fn: FunctionVersion): Promise<Environment> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const environment = this.#idle.get(fn)?.pop() ?? this.#startOne(fn, performance.now() < until);
      if (environment) return environment;
      await this.#turn(fn, until - performance.now());
      if (this.#closed) throw new AwsError("ServiceException", "The local service is closed", 500);
    }
  }

  /** A new environment, or undefined when it is better to wait for a busy one. */
  #startOne(fn: FunctionVersion, patient: boolean): Environment | undefined {
    if (this.#live.size >= this.#max) {
      const othersIdle = [...this.#idle.values()].some((idle) => idle.length > 0);
      if (patient && othersIdle && this.#ownOf(fn) >= ENOUGH) return undefined;
      if (!this.#evictOne()) throw this.#throttle("ConcurrentInvocationLimitExceeded");
    }
    const environment = new Environment(fn, this.#settings);
    this.#live.add(environment);
    this.#started++;
    return environment;
  }

  /** Resolves when it is this invocation's turn to try again, or after so many ms. */
  #turn(fn: FunctionVersion, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const queue = this.#waiting.get(fn) ?? [];
      this.#waiting.set(fn, queue);
      const tryAgain = (): void => {
        clearTimeout(timer);
        const place = queue.indexOf(tryAgain);
        if (place >= 0) queue.splice(place, 1);
        resolve();
      };
      const timer = setTimeout(tryAgain, ms);
      queue.push(tryAgain);
    });
  }

  #release(environment: Environment): void {
    const { fn } = environment;
    if (this.#retired.has(fn) || this.#closed) {
      void this.#end(environment);
      return;
    }
    environment.lastUsed = performance.now();
    environment.freeze();
    const idle = this.#idle.get(fn);
    if (idle) idle.push(environment);
    else this.#idle.set(fn, [environment]);
    this.#waiting.get(fn)?.[0]?.();
  }

  /** Ends an idle environment: of those whose version keeps another, else of all, the one used least recently. */
  #evictOne(): boolean {
    const idle = [...this.#idle.values()].flatMap((own) => own.slice(0, 1));
    const spare = idle.filter(({ fn }) => this.#ownOf(fn) > 1);
    const [oldest] = (spare.length > 0 ? spare : idle).sort((a, b) => a.lastUsed - b.lastUsed);
    if (!oldest) return false;
    this.#idle.get(oldest.fn)?.shift();
    this.#evicted++;
    void this.#end(oldest);
    return true;
  }

  #ownOf(fn: FunctionVersion): number {
    return [...this.#live].filter((environment) => environment.fn === fn).length;
  }

  #end(environment: Environment): Promise<void> {
    this.#live.delete(environment);
    // There is room now, for whoever waits.
    for (const queue of this.#waiting.values()) queue[0]?.();
    return environment.end();
  }

  #count(name: string, by: number): void {
    this.#all += by;
    this.#inFlight.set(name, (this.#inFlight.get(name) ?? 0) + by);
  }

  #throttle(reason: string): AwsError {
    this.#throttled++;
    return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: reason });
  }
}
