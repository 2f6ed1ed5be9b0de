import { randomUUID } from "node:crypto";
import { AwsError } from "../errors.ts";
import { functionArn } from "../identity.ts";
import type { FunctionModel } from "../template/model.ts";
import { EnvironmentPool, type PoolStats } from "./pool.ts";
import { type Change, type FunctionRecord, Registry } from "./registry.ts";
import type { SandboxSettings } from "./sandbox.ts";
import type { FunctionVersion, Outcome } from "./types.ts";

/** A piece of a function's log: one invocation's output, with the platform's lines. */
export interface LogEntry {
  readonly functionName: string;
  readonly requestId: string;
  readonly text: string;
}

export interface LambdaOptions extends SandboxSettings {
  readonly functions: readonly FunctionModel[];
  readonly maxEnvironments: number;
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** Receives each invocation's REPORT line. */
  readonly onReport?: ((functionName: string, report: string) => void) | undefined;
  /** Draws for weighted aliases, from 0 to 1. */
  readonly random?: () => number;
}

export interface InvokeRequest {
  /** Name or ARN. */
  readonly functionName: string;
  readonly qualifier?: string | undefined;
  /** JSON. */
  readonly payload: string;
  readonly clientContext?: string | undefined;
  /** Whether the log is wanted with the result. */
  readonly tail?: boolean;
}

export interface InvokeResult extends Outcome {
  readonly requestId: string;
  readonly executedVersion: string;
}

/** Waits before an asynchronous invocation that failed is tried again, in milliseconds, as Lambda's two. */
const ASYNC_RETRIES_MS = [60_000, 120_000];
/** A throttled asynchronous invocation is tried again after a second, then twice as long each time. */
const THROTTLE_RETRY_MS = 1_000;
const MAX_EVENT_AGE_MS = 6 * 3_600_000;

/** The largest payloads, in bytes. */
const MAX_SYNC_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_BYTES = 1024 * 1024;

/** Lambda: what its API and this machine's gateway and state machines call. */
export class LambdaService {
  readonly registry: Registry;
  readonly #pool: EnvironmentPool;
  readonly #onLog: ((entry: LogEntry) => void) | undefined;
  readonly #onReport: LambdaOptions["onReport"];
  #closed = false;

  constructor(options: LambdaOptions) {
    this.registry = new Registry(options.functions, options.random ?? Math.random);
    this.#pool = new EnvironmentPool(options, options.maxEnvironments);
    this.#onLog = options.onLog;
    this.#onReport = options.onReport;
  }

  /** Synchronous invocation. Throws `AwsError` when it could not be run; a function's own failure is a result. */
  async invoke(request: InvokeRequest): Promise<InvokeResult> {
    checkSize(request.payload, MAX_SYNC_BYTES);
    const { record, qualifier } = this.registry.find(request.functionName, request.qualifier);
    const version = this.registry.version(record, qualifier);
    return this.#run(record, version, qualifier, request, randomUUID());
  }

  /** Asynchronous invocation: returns the request id at once and retries as Lambda does. */
  invokeEvent(request: InvokeRequest): string {
    checkSize(request.payload, MAX_ASYNC_BYTES);
    const { record, qualifier } = this.registry.find(request.functionName, request.qualifier);
    const requestId = randomUUID();
    const acceptedAt = performance.now();
    const attempt = async (failures: number, throttles: number): Promise<void> => {
      if (this.#closed) return;
      const again = (delayMs: number, f: number, t: number): void => {
        if (performance.now() - acceptedAt + delayMs > MAX_EVENT_AGE_MS) return;
        setTimeout(() => void attempt(f, t), delayMs).unref();
      };
      try {
        const outcome = await this.#run(
          record,
          this.registry.version(record, qualifier),
          qualifier,
          request,
          requestId,
        );
        const delayMs = ASYNC_RETRIES_MS[failures];
        if (outcome.errorType !== undefined && delayMs !== undefined) again(delayMs, failures + 1, 0);
      } catch (error) {
        if (!(error instanceof AwsError)) console.error("local Lambda: an event could not be run:", error);
        again(Math.min(THROTTLE_RETRY_MS * 2 ** throttles, 300_000), failures, throttles + 1);
      }
    };
    setImmediate(() => void attempt(0, 0));
    return requestId;
  }

  /**
   * Changes `$LATEST`. Its environments end before the update counts as done, so the next invocation after it is
   * a cold start with the new configuration.
   */
  updateConfiguration(record: FunctionRecord, change: Change): FunctionVersion {
    if (record.updating)
      throw new AwsError(
        "ResourceConflictException",
        `The operation cannot be performed at this time. An update is in progress for resource: ${functionArn(record.name)}`,
        409,
        { Type: "User" },
      );
    const before = record.latest;
    const updated = this.registry.update(record, change);
    record.updating = true;
    void this.#pool.retire(before).finally(() => {
      record.updating = false;
    });
    return updated;
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.close();
  }

  async #run(
    record: FunctionRecord,
    version: FunctionVersion,
    qualifier: string | undefined,
    request: InvokeRequest,
    requestId: string,
  ): Promise<InvokeResult> {
    const outcome = await this.#pool.run(
      version,
      {
        requestId,
        functionArn: functionArn(record.name, qualifier),
        payload: request.payload,
        clientContext: request.clientContext,
        wantLog: request.tail === true || this.#onLog !== undefined,
      },
      record.reserved,
    );
    this.#onReport?.(record.name, outcome.report);
    this.#onLog?.({ functionName: record.name, requestId, text: outcome.log });
    return { ...outcome, requestId, executedVersion: version.version };
  }
}

function checkSize(payload: string, limit: number): void {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= limit) return;
  const message = `${bytes} byte payload is too large for the limit of ${limit} bytes`;
  throw new AwsError("RequestTooLargeException", message, 413, { Type: "User" });
}
