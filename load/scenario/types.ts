/** A scenario, checked and ready to be run. Texts may hold `{{ variable }}`. */
export interface Scenario {
  readonly name: string;
  readonly file: string;
  /** Each user gets one element of each list. */
  readonly variables: Readonly<Record<string, readonly unknown[]>>;
  readonly flow: readonly Step[];
}

export type Step = RequestStep | PollStep | ThinkStep;

export interface RequestStep {
  readonly kind: "request";
  /** The operationId that the reply is held to. */
  readonly endpoint: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Any other status is an error. */
  readonly statuses: readonly number[];
  readonly match: readonly Match[];
  readonly capture: readonly Capture[];
}

/** Asks again, each time after `thinkMs`, as long as the reply matches `pending`; `request.match` holds for the last. */
export interface PollStep {
  readonly kind: "poll";
  readonly thinkMs: number;
  readonly times: number;
  readonly pending: Match;
  readonly request: RequestStep;
}

export interface ThinkStep {
  readonly kind: "think";
  readonly thinkMs: number;
}

/** The value at `path` of the reply's body must equal `value`. */
export interface Match {
  readonly path: JsonPath;
  readonly value: unknown;
}

/** Keeps a part of the reply for later steps. */
export type Capture =
  | { readonly from: "json"; readonly path: JsonPath; readonly as: string }
  | { readonly from: "header"; readonly header: string; readonly as: string };

export interface JsonPath {
  readonly text: string;
  readonly keys: readonly (string | number)[];
}
