/** An event as the library reports it; only what is used. */
export interface LibraryEvent {
  readonly type: string;
  /** Unix ms. */
  readonly timestamp: number;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly state?: {
    readonly name: string;
    readonly type: string;
    readonly input?: unknown;
    readonly output?: unknown;
  };
  readonly parentState?: { readonly name: string };
  readonly index?: number;
  readonly Error?: string;
  readonly Cause?: unknown;
}

/** `HistoryEvent` of the Step Functions API. */
export type HistoryEvent = Record<string, unknown> & {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
};

type Details = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));

/** The library's names for the ends of an execution, the API's, and what goes with them. */
const executionEvents: Readonly<
  Record<string, { readonly type: string; readonly carries: "input" | "output" | "failure" | "none" }>
> = {
  ExecutionStarted: { type: "ExecutionStarted", carries: "input" },
  ExecutionSucceeded: { type: "ExecutionSucceeded", carries: "output" },
  ExecutionFailed: { type: "ExecutionFailed", carries: "failure" },
  ExecutionAborted: { type: "ExecutionAborted", carries: "none" },
  ExecutionTimeout: { type: "ExecutionTimedOut", carries: "none" },
};

/** The history of one execution, numbered from 1. Events of parallel branches are in the order they happened. */
export class History {
  readonly events: HistoryEvent[] = [];

  add(type: string, details?: Details, atMs = Date.now()): void {
    const id = this.events.length + 1;
    const member = details && `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
    this.events.push({
      id,
      previousEventId: id - 1,
      timestamp: atMs / 1000,
      type,
      ...(member && { [member]: details }),
    });
  }

  /** Adds what the library reports, in the names of the API. Lambda's own events are added by the tasks. */
  addReported(event: LibraryEvent): void {
    const { state, timestamp } = event;
    const failure = { error: event.Error, cause: text(event.Cause) };
    if (event.type === "StateEntered")
      this.#state("stateEntered", state, { input: text(state?.input) }, timestamp);
    else if (event.type === "StateExited")
      this.#state("stateExited", state, { output: text(state?.output) }, timestamp);
    else if (event.type === "StateFailed" && state?.type === "Task" && event.Error === "States.Timeout")
      this.add("LambdaFunctionTimedOut", failure, timestamp);
    else if (event.type.startsWith("MapIteration"))
      this.add(event.type, { name: event.parentState?.name, index: event.index }, timestamp);
    // Retries and catches show only through what follows them.
    else if (event.type in executionEvents) {
      const details = {
        input: { input: text(event.input) },
        output: { output: text(event.output) },
        failure,
        none: {},
      };
      const { type, carries } = executionEvents[event.type] ?? { type: event.type, carries: "none" };
      this.add(type, details[carries], timestamp);
    }
  }

  /** The API has a type for each kind of state, such as `TaskStateEntered`, with details under a common name. */
  #state(
    kind: "stateEntered" | "stateExited",
    state: LibraryEvent["state"],
    details: Details,
    timestamp: number,
  ): void {
    this.add(
      `${state?.type}${kind === "stateEntered" ? "StateEntered" : "StateExited"}`,
      undefined,
      timestamp,
    );
    const last = this.events.at(-1);
    if (last) last[`${kind}EventDetails`] = { name: state?.name, ...details };
  }
}
