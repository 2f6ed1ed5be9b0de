import type { ResolvedCapacity } from "../gates/config.ts";
import type { Failure } from "../gates/exit.ts";
import type { Phase } from "./plan.ts";

/** What the engine is told to do; it comes over a pipe, so that secrets are in no file and no command line. */
export interface Order {
  readonly kind: "start";
  /** More than one: the same users come to all of them, one after the other within each gap. */
  readonly targets: readonly {
    readonly name: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  }[];
  readonly phases: readonly Phase[];
  /** Requests that may be sent to each target at most. */
  readonly budget: number;
  readonly timeoutMs: number;
  readonly runDir: string;
  readonly seed: number;
  readonly secrets: readonly string[];
  /** None: replies are held to no document. */
  readonly specs: readonly string[];
  /** Instead of the phases: search for the capacity of each target, in turns. */
  readonly search?: ResolvedCapacity & { readonly latenessP99Ms: number };
  /** Which of the users it runs. */
  readonly share: { readonly index: number; readonly of: number };
}

/** From the command that owns the run. The pipe's end means the same as `stop`. */
export type ToEngine =
  | Order
  /** Begin at this moment of the machine's monotonic clock, in ms. */
  | { readonly kind: "go"; readonly atMs: number }
  | { readonly kind: "stop" };

/** From the engine. */
export type FromEngine =
  | { readonly kind: "ready" }
  /** Of the load on one target; of a search, `sent` are the replicates of all. */
  | {
      readonly kind: "progress";
      readonly target: string;
      readonly sent: number;
      readonly errors: number;
      readonly phase: string;
    }
  /** One summary for each target, in the order given. */
  | { readonly kind: "done"; readonly summaries: readonly Summary[] }
  | { readonly kind: "failed"; readonly failure: Failure; readonly exitCode: number };

/** How the load on one target went (of a search: its replicates), as far as one worker saw it. */
export interface Summary {
  readonly target: string;
  /** Requests that were due. */
  readonly due: number;
  /** Requests recorded. */
  readonly recorded: number;
  readonly errors: number;
  readonly ended: "complete" | "stopped" | "out-of-budget" | "out-of-time";
}

/** The descriptor of the pipe in the child process. */
export const PIPE = 3;
/** Set for an Artillery that we started ourselves: its engine takes an order from the pipe. */
export const ORDERED = "CUTOVER_ORDERED";

/** Milliseconds of the clock that all processes of this machine share. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** One message, a line. */
export function encode(message: ToEngine | FromEngine): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts a stream of text into messages. */
export function decoder<M extends ToEngine | FromEngine>(): (chunk: string) => readonly M[] {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    return lines.map((line) => JSON.parse(line) as M);
  };
}
