/** One immutable configuration of a function: `$LATEST` as it was at some moment, or a published version. */
export interface FunctionVersion {
  readonly name: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly runtime: string;
  readonly handler: string;
  readonly codeDir: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly revisionId: string;
  readonly lastModified: string;
}

/** What is handed to an execution environment. */
export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON. */
  readonly payload: string;
  /** Base64 JSON, as `X-Amz-Client-Context` carries it. */
  readonly clientContext?: string | undefined;
  /** Whether somebody reads the log; composing it costs a little. */
  readonly wantLog: boolean;
}

/** What an execution environment made of an invocation. Durations are milliseconds. */
export interface Outcome {
  readonly payload: Buffer;
  /** Set when the function failed: thrown, timed out, or its process ended. */
  readonly errorType: string | undefined;
  readonly durationMs: number;
  /** Only on the first invocation of an environment. */
  readonly initMs: number | undefined;
  /** Whether a process had to be started for this invocation. */
  readonly cold: boolean;
  /** The platform's REPORT line, always. */
  readonly report: string;
  /** The function's output between START and REPORT lines; empty unless wanted. */
  readonly log: string;
}
