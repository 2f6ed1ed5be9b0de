import { randomBytes } from "node:crypto";
import { AwsError } from "../errors.ts";
import { initReportLine, reportLine } from "./report.ts";
import { type Boot, errorTypeOf, type Run, Sandbox, type SandboxSettings } from "./sandbox.ts";
import type { FunctionVersion, Invocation, Outcome } from "./types.ts";

/** Lambda's limit for the initialisation that precedes the first invocation. */
const INIT_LIMIT_MS = 10_000;

/**
 * An execution environment: serves one invocation at a time for one version of a function. When the process dies
 * the environment stays, and starts another within the next invocation, as Lambda does; such a start counts as
 * duration, not as initialisation.
 */
export class Environment {
  readonly fn: FunctionVersion;
  /** A `performance.now()`; the pool evicts by it. */
  lastUsed = 0;
  readonly #settings: SandboxSettings;
  #sandbox: Sandbox | undefined;
  #initMs: number | undefined;
  #fresh = true;
  #over = false;
  #log = "";

  constructor(fn: FunctionVersion, settings: SandboxSettings) {
    this.fn = fn;
    this.#settings = settings;
  }

  /** The initialisation before the first invocation. A failure shows in that invocation, not here. */
  async initialise(): Promise<void> {
    this.#log = `INIT_START Runtime Version: ${this.fn.runtime.replace("nodejs", "nodejs:").replace(".x", "")}.local\n`;
    const { boot, tookMs } = await this.#boot(INIT_LIMIT_MS, "init");
    if (boot.kind === "ready") this.#initMs = tookMs;
  }

  /** Runs one invocation to its end, whatever that is. */
  async invoke(invocation: Invocation): Promise<Outcome> {
    const startedAt = performance.now();
    const deadlineAt = startedAt + this.fn.timeoutSeconds * 1000;
    const initMs = this.#initMs;
    const first = this.#fresh;
    this.#initMs = undefined;
    this.#fresh = false;

    const reboot = this.#sandbox?.alive ? undefined : await this.#boot(deadlineAt - startedAt, "invoke");
    const result =
      reboot?.boot.kind === "failed"
        ? bootFailure(invocation, reboot.boot, this.fn)
        : await this.#run(invocation, deadlineAt);
    const durationMs = Math.max(0.01, result.endedAt - startedAt);
    return {
      payload: result.payload,
      errorType: result.errorType,
      durationMs,
      initMs,
      cold: first || reboot !== undefined,
      report: this.#report(invocation, result, durationMs, initMs),
      log: this.#composeLog(invocation, result, durationMs, initMs),
    };
  }

  freeze(): void {
    this.#sandbox?.freeze();
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    this.#over = true;
    await this.#sandbox?.kill();
  }

  async #boot(limitMs: number, phase: "init" | "invoke"): Promise<{ boot: Boot; tookMs: number }> {
    if (this.#over) throw new AwsError("ServiceException", "The execution environment was ended", 500);
    const startedAt = performance.now();
    const sandbox = new Sandbox(this.fn, this.#settings);
    this.#sandbox = sandbox;
    await sandbox.start(this.#settings);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void sandbox.kill();
    }, limitMs);
    const answer = await sandbox.ready;
    clearTimeout(timer);
    const tookMs = performance.now() - startedAt;
    if (answer.kind === "ready") {
      // Looked at now, so that a process that ends in its first invocation still has a figure.
      void sandbox.peakMb;
      return { boot: answer, tookMs };
    }
    const boot: Boot = timedOut ? { ...answer, errorType: "Sandbox.Timedout", body: undefined } : answer;
    this.#log += sandbox.takeOutput() + initReportLine(tookMs, phase, boot.errorType);
    return { boot, tookMs };
  }

  async #run(invocation: Invocation, deadlineAt: number): Promise<Result> {
    const sandbox = this.#sandbox;
    if (!sandbox) throw new Error("the environment was not started");
    const leftMs = deadlineAt - performance.now();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void sandbox.kill();
    }, leftMs);
    const run = await sandbox.run(invocation, runtimeHeaders(invocation, Date.now() + leftMs));
    clearTimeout(timer);
    const endedAt = performance.now();
    if (run.kind === "answered")
      return { payload: run.body, errorType: run.failed ? errorTypeOf(run.body) : undefined, endedAt };
    return { ...platformFailure(invocation, run, timedOut, this.fn), endedAt };
  }

  #report(
    { requestId }: Invocation,
    { errorType }: Result,
    durationMs: number,
    initMs: number | undefined,
  ): string {
    const maxMemoryMb = this.#sandbox?.knownPeakMb ?? 0;
    return reportLine({ requestId, durationMs, initMs, memoryMb: this.fn.memoryMb, maxMemoryMb, errorType });
  }

  #composeLog(
    invocation: Invocation,
    result: Result,
    durationMs: number,
    initMs: number | undefined,
  ): string {
    const output = this.#sandbox?.takeOutput() ?? "";
    const before = this.#log;
    this.#log = "";
    if (!invocation.wantLog) return "";
    const { requestId } = invocation;
    return [
      before,
      `START RequestId: ${requestId} Version: ${this.fn.version}\n`,
      output === "" || output.endsWith("\n") ? output : `${output}\n`,
      result.note ?? "",
      `END RequestId: ${requestId}\n`,
      reportLine({
        requestId,
        durationMs,
        initMs,
        memoryMb: this.fn.memoryMb,
        maxMemoryMb: this.#sandbox?.peakMb ?? 0,
        errorType: result.errorType,
      }),
    ].join("");
  }
}

interface Result {
  readonly payload: Buffer;
  readonly errorType: string | undefined;
  readonly endedAt: number;
  /** A line the platform itself writes to the log. */
  readonly note?: string;
}

function runtimeHeaders(invocation: Invocation, deadlineEpochMs: number): Record<string, string> {
  return {
    "lambda-runtime-aws-request-id": invocation.requestId,
    "lambda-runtime-invoked-function-arn": invocation.functionArn,
    "lambda-runtime-deadline-ms": String(Math.floor(deadlineEpochMs)),
    // Not sampled: nobody collects traces here.
    "lambda-runtime-trace-id": `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")};Parent=${randomBytes(8).toString("hex")};Sampled=0`,
    ...(invocation.clientContext && { "lambda-runtime-client-context": invocation.clientContext }),
  };
}

/** The process ended without an answer: by itself, or because its time was up. */
function platformFailure(
  invocation: Invocation,
  run: Extract<Run, { kind: "ended" }>,
  timedOut: boolean,
  fn: FunctionVersion,
): Omit<Result, "endedAt"> {
  if (timedOut) return timeout(invocation, fn);
  return failure("Runtime.ExitError", `RequestId: ${invocation.requestId} Error: ${run.how}`);
}

function bootFailure(
  invocation: Invocation,
  boot: Extract<Boot, { kind: "failed" }>,
  fn: FunctionVersion,
): Result {
  const endedAt = performance.now();
  if (boot.errorType === "Sandbox.Timedout") return { ...timeout(invocation, fn), endedAt };
  if (boot.body) return { payload: boot.body, errorType: boot.errorType, endedAt };
  return {
    ...failure("Runtime.ExitError", `RequestId: ${invocation.requestId} Error: ${boot.how}`),
    endedAt,
  };
}

function timeout(invocation: Invocation, fn: FunctionVersion): Omit<Result, "endedAt"> {
  const message = `Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`;
  const note = `${new Date().toISOString()} ${invocation.requestId} ${message}\n\n`;
  return { ...failure("Sandbox.Timedout", `RequestId: ${invocation.requestId} Error: ${message}`), note };
}

function failure(errorType: string, errorMessage: string): Omit<Result, "endedAt"> & { note: string } {
  const note = `${errorMessage}\n${errorType}\n`;
  return { payload: Buffer.from(JSON.stringify({ errorType, errorMessage })), errorType, note };
}
