import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Supervisor } from "../supervisor/index.ts";
import { peakMemoryMb } from "./memory.ts";
import { processEnvironment } from "./process-env.ts";
import { RuntimeApi } from "./runtime-api.ts";
import type { FunctionVersion, Invocation } from "./types.ts";

const shim = fileURLToPath(new URL("./rapid-shim.cjs", import.meta.url));
const runtimeClient = createRequire(import.meta.url).resolve("aws-lambda-ric");

/** Output kept for one invocation, in bytes; what is older is dropped. */
const MAX_LOG_BYTES = 1024 * 1024;

/**
 * How long an environment may idle before it is stopped, ms. Stopping and waking a process of a dozen threads costs
 * more than a short handler does; AWS freezes at once, so nothing may rely on what happens meanwhile.
 */
const FREEZE_AFTER_MS = 50;

export type Boot =
  | { readonly kind: "ready" }
  | {
      readonly kind: "failed";
      readonly errorType: string;
      readonly body: Buffer | undefined;
      readonly how: string;
    };

export type Run =
  | { readonly kind: "answered"; readonly body: Buffer; readonly failed: boolean; readonly alive: boolean }
  | { readonly kind: "ended"; readonly how: string };

/** What every sandbox needs to know of its surroundings. */
export interface SandboxSettings {
  readonly supervisor: Supervisor;
  /** `AWS_ENDPOINT_URL_*` and whatever else each function shall find in its environment. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/**
 * One process running AWS's runtime interface client with a function in it, from its start to its end. Between
 * invocations it is stopped (SIGSTOP), as Lambda freezes it.
 */
export class Sandbox {
  readonly #fn: FunctionVersion;
  readonly #api: RuntimeApi;
  readonly #supervisor: Supervisor;
  readonly ready: Promise<Boot>;
  readonly ended: Promise<void>;
  #child: ChildProcess | undefined;
  #booted: (boot: Boot) => void = () => {};
  #end: () => void = () => {};
  #how: string | undefined;
  #killed = false;
  #initError: Buffer | undefined;
  #run:
    | { readonly id: string; readonly finish: (run: Run) => void; answer?: { body: Buffer; failed: boolean } }
    | undefined;
  #frozen = false;
  #freezing: NodeJS.Timeout | undefined;
  #output: Buffer[] = [];
  #outputBytes = 0;
  #peakMb = 0;

  constructor(fn: FunctionVersion, settings: SandboxSettings) {
    this.#fn = fn;
    this.#supervisor = settings.supervisor;
    this.ready = new Promise((resolve) => {
      this.#booted = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#api = new RuntimeApi({
      next: () => this.#onNext(),
      result: (id, body, failed) => {
        if (this.#run?.id === id) this.#run.answer ??= { body, failed };
      },
      initError: (body) => {
        this.#initError = body;
      },
    });
  }

  get alive(): boolean {
    return this.#child !== undefined && this.#how === undefined;
  }

  /** The most memory the process had, in MB, as far as it was looked at. */
  get peakMb(): number {
    if (this.alive && this.#child?.pid) this.#peakMb = Math.max(this.#peakMb, peakMemoryMb(this.#child.pid));
    return this.#peakMb;
  }

  /** The same as far as somebody has looked: looking costs a little. */
  get knownPeakMb(): number {
    return this.#peakMb;
  }

  /** Starts the process; {@link ready} tells how that went. */
  async start(settings: SandboxSettings): Promise<void> {
    const address = await this.#api.listen();
    if (this.#killed) return this.#onEnd("Runtime was not started");
    const heapMb = Math.max(64, Math.floor(this.#fn.memoryMb * 0.9));
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${heapMb}`, "--require", shim, runtimeClient],
      {
        cwd: this.#fn.codeDir,
        env: processEnvironment(this.#fn, address, settings.endpoints),
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own: Ctrl-C is not meant for it, and what it starts ends with it.
        detached: true,
      },
    );
    this.#child = child;
    if (child.pid) this.#supervisor.watch(child.pid);
    child.stdout.on("data", (chunk: Buffer) => this.#keep(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.#keep(chunk));
    child.once("exit", () => this.#signal("SIGKILL"));
    child.once("error", (error) => this.#onEnd(`Runtime could not be started: ${error.message}`));
    child.once("close", (code, signal) => this.#onEnd(describeExit(code, signal)));
  }

  /** Hands over one invocation. The caller enforces the timeout by {@link kill}. */
  run(invocation: Invocation, headers: Readonly<Record<string, string>>): Promise<Run> {
    return new Promise((finish) => {
      if (!this.alive) return finish({ kind: "ended", how: this.#how ?? "" });
      this.#run = { id: invocation.requestId, finish };
      this.#thaw();
      this.#api.give(headers, invocation.payload);
    });
  }

  /** Stops the process until the next invocation, unless that comes at once. */
  freeze(): void {
    this.#freezing = setTimeout(() => {
      this.#frozen = true;
      this.#signal("SIGSTOP");
    }, FREEZE_AFTER_MS);
  }

  #thaw(): void {
    clearTimeout(this.#freezing);
    if (this.#frozen) this.#signal("SIGCONT");
    this.#frozen = false;
  }

  /** Ends the process and waits until it is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    clearTimeout(this.#freezing);
    this.#signal("SIGKILL");
    await this.ended;
  }

  /** The output since the last call. */
  takeOutput(): string {
    const text = this.#output.length === 0 ? "" : Buffer.concat(this.#output).toString("utf8");
    this.#output = [];
    this.#outputBytes = 0;
    return text;
  }

  #keep(chunk: Buffer): void {
    this.#output.push(chunk);
    this.#outputBytes += chunk.length;
    while (this.#outputBytes > MAX_LOG_BYTES && this.#output.length > 1)
      this.#outputBytes -= this.#output.shift()?.length ?? 0;
  }

  #onNext(): void {
    this.#booted({ kind: "ready" });
    const run = this.#run;
    if (!run?.answer) return;
    const { body, failed } = run.answer;
    // What the function wrote before it answered is in the pipe; two turns of the event loop read it all.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#run !== run) return;
        this.#run = undefined;
        run.finish({ kind: "answered", body, failed, alive: this.alive });
      }),
    );
  }

  #onEnd(how: string): void {
    if (this.#how !== undefined) return;
    this.#how = how;
    if (this.#child?.pid) this.#supervisor.release(this.#child.pid);
    void this.#api.close();
    const body = this.#initError;
    this.#booted({ kind: "failed", errorType: body ? errorTypeOf(body) : "Runtime.ExitError", body, how });
    const run = this.#run;
    this.#run = undefined;
    if (run?.answer) run.finish({ kind: "answered", ...run.answer, alive: false });
    else run?.finish({ kind: "ended", how });
    this.#end();
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#child?.pid || this.#how !== undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It ended in this moment; its exit is on the way.
    }
  }
}

/** The `errorType` of an error document. */
export function errorTypeOf(body: Buffer): string {
  try {
    return String((JSON.parse(body.toString()) as { errorType?: unknown }).errorType ?? "Unknown");
  } catch {
    return "Unknown";
  }
}

/** Lambda's words for how a process ended. */
function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === "SIGKILL") return "Runtime exited with error: signal: killed";
  if (signal !== null) return `Runtime exited with error: signal: ${signal.slice(3).toLowerCase()}`;
  return code === 0
    ? "Runtime exited without providing a reason"
    : `Runtime exited with error: exit status ${code}`;
}
