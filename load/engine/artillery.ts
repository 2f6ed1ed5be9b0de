import { Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { joinRun } from "../../gates/evidence/index.ts";
import { CutoverError, describeError, EXIT, type Failure } from "../../gates/exit.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import { decoder, encode, type FromEngine, type Order, PIPE, type ToEngine } from "../protocol.ts";
import { toScenario } from "../scenario/read.ts";
import type { Scenario } from "../scenario/types.ts";
import { drive } from "./drive.ts";
import { prepareChecks } from "./prepare.ts";

interface Script {
  readonly config: { readonly variables?: Readonly<Record<string, unknown>> };
}

interface Events {
  emit(name: "started" | "error", detail?: string): void;
}

type Done = (error: unknown, context: unknown) => void;

/**
 * An Artillery engine. Artillery brings one virtual user, and that one drives all users of the load by an
 * absolute schedule: Artillery's own arrivals spin a core, clump, and nobody learns how late they were.
 */
export class CutoverEngine {
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  createScenario(spec: { readonly name?: string; readonly flow: unknown }, events: Events) {
    const scenario = toScenario({ config: this.#script.config, scenarios: [spec] }, spec.name ?? "scenario");
    return (context: unknown, done: Done): void => {
      events.emit("started");
      perform(scenario).then(
        () => done(undefined, context),
        (error: unknown) => {
          events.emit("error", (error as Error).message);
          done(error, context);
        },
      );
    };
  }
}

/** Takes the order from the pipe, carries it out, and tells how it ended. */
async function perform(scenario: Scenario): Promise<void> {
  const pipe = new Socket({ fd: PIPE });
  const say = (message: FromEngine): void => void pipe.write(encode(message));
  const stop = new AbortController();
  try {
    const order = await orderFrom(pipe, stop);
    const model = loadSpecs(order.specs);
    prepareChecks(scenario, model);
    const evidence = joinRun(order.runDir, { secrets: order.secrets });
    goFirst();
    const summary = await drive({
      ...order,
      scenario,
      model,
      evidence,
      signal: stop.signal,
      onProgress: (progress) => say({ kind: "progress", ...progress }),
    });
    evidence.close();
    say({ kind: "done", summary });
  } catch (error) {
    say({ kind: "failed", ...failureOf(error) });
  } finally {
    // Nobody is left to end Artillery, which would take its time.
    if (pipe.readableEnded || pipe.destroyed) process.kill(process.pid, "SIGKILL");
    // Everything written reaches the other side before its end.
    await new Promise<void>((resolve) => pipe.end(resolve));
    pipe.unref();
  }
}

/**
 * The generator goes before what it measures, where both share a machine and the system allows it: else it
 * would take its own waiting for a slow target. On Linux this is about this thread alone.
 */
function goFirst(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_HIGH);
  } catch {
    // Not allowed; lateness shows whether that matters.
  }
}

/** The first message. Later ones, and the pipe's end, can only mean that it is over. */
function orderFrom(pipe: Socket, stop: AbortController): Promise<Order> {
  const decode = decoder<ToEngine>();
  pipe.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    const end = (): void => {
      stop.abort();
      reject(new CutoverError(EXIT.interrupted, { what: "The load was called off." }));
    };
    pipe.on("data", (chunk: string) => {
      for (const message of decode(chunk)) message.kind === "start" ? resolve(message) : end();
    });
    pipe.on("end", end);
    pipe.on("close", end);
    pipe.on("error", end);
  });
}

/** Errors of the specs are no `CutoverError` but have the same parts. */
function failureOf(error: unknown): { readonly failure: Failure; readonly exitCode: number } {
  const { exitCode } = error as { readonly exitCode?: unknown };
  if (error instanceof Error && typeof exitCode === "number") {
    const { what = error.message, where, got, wanted, next } = error as Error & Partial<Failure>;
    return { failure: { what, where, got, wanted, next }, exitCode };
  }
  const { text } = describeError(error);
  return { failure: { what: text }, exitCode: EXIT.bug };
}
