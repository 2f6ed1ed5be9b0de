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
 * All execution environments of this machine. One invocation at a time in each; when none of a version is idle
 * another is started; when the machine has no room for it, an idle one of whichever function was used least
 * recently makes room; when all are busy the account's concurrency is exhausted and the call is throttled.
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
    const environment = this.#admit(fn, reserved);
    this.#busy++;
    this.#count(fn.name, 1);
    try {
      if (environment.lastUsed === 0) await environment.initialise();
      environment.lastUsed = performance.now();
      return await environment.invoke(invocation);
    } finally {
      this.#busy--;
      this.#count(fn.name, -1);
      this.#release(environment);
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
    await Promise.all([...this.#live].map((environment) => this.#end(environment)));
  }

  #admit(fn: FunctionVersion, reserved: number | undefined): Environment {
    if (reserved !== undefined && (this.#inFlight.get(fn.name) ?? 0) >= reserved)
      throw this.#throttle("ReservedFunctionConcurrentInvocationLimitExceeded");
    const idle = this.#idle.get(fn)?.pop();
    if (idle) return idle;
    if (this.#live.size >= this.#max && !this.#evictOne())
      throw this.#throttle("ConcurrentInvocationLimitExceeded");
    const environment = new Environment(fn, this.#settings);
    this.#live.add(environment);
    this.#started++;
    return environment;
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
  }

  #evictOne(): boolean {
    let oldest: Environment | undefined;
    for (const [first] of this.#idle.values())
      if (first && (!oldest || first.lastUsed < oldest.lastUsed)) oldest = first;
    if (!oldest) return false;
    this.#idle.get(oldest.fn)?.shift();
    this.#evicted++;
    void this.#end(oldest);
    return true;
  }

  #end(environment: Environment): Promise<void> {
    this.#live.delete(environment);
    return environment.end();
  }

  #count(name: string, by: number): void {
    this.#inFlight.set(name, (this.#inFlight.get(name) ?? 0) + by);
  }

  #throttle(reason: string): AwsError {
    this.#throttled++;
    return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: reason });
  }
}
