/** A scenario, checked and ready to be run. Texts may hold `{{ variable }}`. */
export interface Scenario {
  readonly name: string;
  readonly file: string;
  /** Each user gets one element of each list. */
  readonly variables: Readonly<Record<string, readonly unknown[]>>;
  /** Sent with every request that does not say otherwise. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is made before the clock starts: so many worlds, of which each user gets one. */
  readonly setup?: Setup;
  readonly flow: readonly Step[];
  /** Names of functions that run around every request. */
  readonly hooks: Hooks;
  /** What a hook or function may be called; undefined: nothing is known of them. */
  readonly processor?: string;
}

export interface Setup {
  readonly times: number;
  readonly flow: readonly Step[];
}

export interface Hooks {
  readonly beforeRequest: readonly string[];
  readonly afterResponse: readonly string[];
  /** Run when a request gets no reply. */
  readonly onError?: readonly string[];
}

export type Step = RequestStep | PollStep | ThinkStep | LoopStep | ParallelStep | FunctionStep;

export interface RequestStep extends Hooks {
  readonly kind: "request";
  /** The operationId that the reply is held to; a request without a name goes by its method and URL. */
  readonly endpoint: string;
  readonly named: boolean;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly cookies?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Any other status is an error. Not there: every 2xx is right. */
  readonly statuses?: readonly number[];
  readonly expect: readonly Expectation[];
  readonly match: readonly Match[];
  readonly capture: readonly Capture[];
  /** Sent only when this holds: an expression over the variables, or a function's name. */
  readonly ifTrue?: string;
  /** As the file says it: what functions get to see and change. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export type Body =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "form"; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: "text"; readonly text: string };

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

/** Runs `flow` for each element of a list, or `from` to below `to`; without an end, as long as `whileTrue` says so. */
export interface LoopStep {
  readonly kind: "loop";
  readonly from: number;
  readonly to: number;
  /** The elements, or the variable that holds them. */
  readonly over?: readonly unknown[] | string;
  readonly whileTrue?: string;
  /** Variables for the round's number and its element. */
  readonly countAs: string;
  readonly elementAs: string;
  readonly flow: readonly Step[];
}

/** Runs all its steps at once, at most `limit` of them at a time. */
export interface ParallelStep {
  readonly kind: "parallel";
  readonly limit: number;
  readonly flow: readonly Step[];
}

export interface FunctionStep {
  readonly kind: "function";
  readonly name: string;
}

/** Where in a reply a value stands. */
export type Place =
  | { readonly from: "json"; readonly path: JsonPath }
  | { readonly from: "header"; readonly header: string }
  | {
      readonly from: "text";
      readonly pattern: string;
      readonly flags: string;
      readonly group?: string | number;
    };

/** The value at `place` must equal `value`. Not strict: a mismatch is no error. */
export interface Match {
  readonly place: Place;
  readonly value: unknown;
  readonly strict: boolean;
}

/** Keeps a part of the reply for later steps. Strict: a reply without it is wrong. */
export interface Capture {
  readonly place: Place;
  readonly as: string;
  readonly strict: boolean;
}

/** What artillery-plugin-expect knows, beside the status. */
export type Expectation =
  | { readonly kind: "contentType"; readonly type: string }
  | { readonly kind: "notStatusCode"; readonly statuses: readonly number[] }
  | { readonly kind: "hasProperty" | "notHasProperty"; readonly property: string }
  | { readonly kind: "hasHeader"; readonly header: string }
  | { readonly kind: "headerEquals"; readonly header: string; readonly value: string }
  | { readonly kind: "equals"; readonly values: readonly unknown[] }
  | { readonly kind: "matchesRegexp"; readonly pattern: string };

export interface JsonPath {
  readonly text: string;
  /** The way to the one value it names; not there for a path that may name many. */
  readonly keys?: readonly (string | number)[];
}
