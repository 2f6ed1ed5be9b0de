import type { WebhookReceiver } from "../../gates/config.ts";
import type { Expectation } from "../pacts/types.ts";

/** One system to verify, by its URL alone. */
export interface PactTarget {
  readonly name: string;
  readonly url: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests of provider states in flight; 4 unless told. */
  readonly atOnce?: number;
  /** Where its webhooks are received; on loopback at any port unless told. */
  readonly webhookReceiver?: WebhookReceiver;
}

/** What a verifying process is told. */
export interface Job {
  readonly target: PactTarget;
  readonly provider: string;
  readonly specs: readonly string[];
  readonly expectations: readonly Expectation[];
  /** Milliseconds that one reply may take. */
  readonly timeoutMs: number;
}

/** A mismatch as Pact tells it. */
export interface NativeMismatch {
  readonly type: string;
  readonly path?: string;
  readonly key?: string;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly mismatch?: string;
}

/** What became of one expectation; `index` is its place in the job. */
export interface Verified {
  readonly index: number;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly mismatches: readonly NativeMismatch[];
  /** Why nothing could be verified: the state was not set up, or no reply came. */
  readonly obstacle?: string;
  /** The request as it went out, secrets and all. */
  readonly request?: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}
