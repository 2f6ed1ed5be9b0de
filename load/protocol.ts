import type { Failure } from "../gates/exit.ts";
import type { Phase } from "./plan.ts";

/** What the engine is told to do; it comes over a pipe, so that secrets are in no file and no command line. */
export interface Order {
  readonly kind: "start";
  readonly target: {
    readonly name: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly phases: readonly Phase[];
  /** Requests that may be sent at most. */
  readonly budget: number;
  readonly timeoutMs: number;
  readonly runDir: string;
  readonly seed: number;
  readonly secrets: readonly string[];
  readonly specs: readonly string[];
}

/** From the command that owns the run. The pipe's end means the same as `stop`. */
export type ToEngine = Order | { readonly kind: "stop" };

/** From the engine. */
export type FromEngine =
  | { readonly kind: "progress"; readonly sent: number; readonly errors: number; readonly phase: string }
  | { readonly kind: "done"; readonly summary: Summary }
  | { readonly kind: "failed"; readonly failure: Failure; readonly exitCode: number };

export interface Summary {
  /** Requests that were due. */
  readonly due: number;
  /** Requests recorded. */
  readonly recorded: number;
  readonly errors: number;
  readonly ended: "complete" | "stopped" | "out-of-budget" | "out-of-time";
}

/** The descriptor of the pipe in the child process. */
export const PIPE = 3;

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
