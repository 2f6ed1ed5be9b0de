import { setImmediate as nextTurn } from "node:timers/promises";
import type { StateMachine, StateMachineDefinition } from "aws-local-stepfunctions";
import { AwsError, TemplateError } from "../errors.ts";
import { executionArn, stateMachineArn } from "../identity.ts";
import type { LambdaService } from "../lambda/service.ts";
import type { StateMachineModel } from "../template/model.ts";
import { prepareDefinition, type TaskState } from "./definition.ts";
import { History, type LibraryEvent } from "./history.ts";
import { MAX_STATE_BYTES, runTask, TaskFailure } from "./tasks.ts";

export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Execution {
  readonly arn: string;
  readonly machine: Machine;
  readonly name: string;
  /** JSON, as given. */
  readonly input: string;
  readonly startedAtMs: number;
  readonly history: History;
  status: Status;
  stoppedAtMs: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  abort: (error?: string, cause?: string) => void;
}

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly tasks: readonly TaskState[];
  readonly program: StateMachine;
}

/** Ended executions that can still be described. Their names stay taken for good. */
const KEPT = 2_000;

/** Standard workflows, run in this process; their functions are called as any other caller would. */
export class Executions {
  readonly #machines = new Map<string, Machine>();
  readonly #executions = new Map<string, Execution>();
  readonly #forgotten = new Set<string>();
  readonly #ended: string[] = [];
  readonly #lambda: LambdaService;

  private constructor(lambda: LambdaService) {
    this.#lambda = lambda;
  }

  static async start(models: readonly StateMachineModel[], lambda: LambdaService): Promise<Executions> {
    const executions = new Executions(lambda);
    if (models.length === 0) return executions;
    // It brings the AWS SDK along: only loaded where there is a state machine.
    const library = await import("aws-local-stepfunctions");
    for (const model of models) {
      const path = `template.Resources.${model.id}.Definition`;
      const { definition, tasks } = prepareDefinition(model.definition, path);
      const arn = stateMachineArn(model.name);
      executions.#machines.set(arn, {
        arn,
        name: model.name,
        definition: model.definition,
        createdAtMs: Date.now(),
        tasks,
        program: compile(library.StateMachine, definition, path),
      });
    }
    return executions;
  }

  machine(arn: string): Machine {
    const found = this.#machines.get(arn);
    if (!found) throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return found;
  }

  find(arn: string): Execution {
    const found = this.#executions.get(arn);
    if (!found) throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return found;
  }

  /** Newest first. */
  list(machine: Machine, status: string | undefined): Execution[] {
    return [...this.#executions.values()]
      .filter((e) => e.machine === machine && (status === undefined || e.status === status))
      .reverse();
  }

  /** Starts an execution, or returns the running one of that name and input. */
  run(machine: Machine, name: string, input: string): Execution {
    if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u.test(name))
      throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
    const arn = executionArn(machine.name, name);
    const before = this.#executions.get(arn);
    if (before?.status === "RUNNING" && before.input === input) return before;
    if (before || this.#forgotten.has(arn))
      throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    const value = parseInput(input);
    const execution: Execution = {
      arn,
      machine,
      name,
      input,
      startedAtMs: Date.now(),
      history: new History(),
      status: "RUNNING",
      stoppedAtMs: undefined,
      output: undefined,
      error: undefined,
      cause: undefined,
      abort: () => {},
    };
    this.#executions.set(arn, execution);
    this.#drive(execution, value);
    return execution;
  }

  close(): void {
    for (const execution of this.#executions.values()) if (execution.status === "RUNNING") execution.abort();
  }

  #drive(execution: Execution, input: unknown): void {
    const { machine, history } = execution;
    const started = machine.program.run(input as never, {
      overrides: { taskResourceLocalHandlers: this.#handlers(execution) as never },
      context: {
        Execution: { Id: execution.arn, Name: execution.name },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
    });
    execution.abort = (error, cause) => {
      execution.error = error;
      execution.cause = cause;
      // At once, so that a task about to be tried again is not.
      execution.status = "ABORTED";
      started.abort();
    };
    // The last of the events says how it ended; the result says it again, and throws.
    started.result.catch(() => {});
    void (async () => {
      let last: LibraryEvent | undefined;
      for await (const event of started.eventLogs as AsyncIterable<LibraryEvent>) {
        history.addReported(event);
        last = event;
      }
      this.#end(execution, last);
    })();
  }

  #end(execution: Execution, last: LibraryEvent | undefined): void {
    execution.stoppedAtMs = last?.timestamp ?? Date.now();
    if (last?.type === "ExecutionSucceeded") {
      execution.status = "SUCCEEDED";
      execution.output = JSON.stringify(last.output);
    } else if (last?.type === "ExecutionFailed") {
      execution.status = "FAILED";
      execution.error = last.Error;
      execution.cause = typeof last.Cause === "string" ? last.Cause : JSON.stringify(last.Cause);
    } else execution.status = last?.type === "ExecutionTimeout" ? "TIMED_OUT" : "ABORTED";
    this.#ended.push(execution.arn);
    const oldest = this.#ended.length > KEPT ? this.#ended.shift() : undefined;
    if (oldest === undefined) return;
    this.#executions.delete(oldest);
    this.#forgotten.add(oldest);
  }

  #handlers(execution: Execution): Record<string, (input: unknown) => Promise<unknown>> {
    return Object.fromEntries(
      execution.machine.tasks.map((task) => [task.name, (input) => this.#runTask(execution, task, input)]),
    );
  }

  async #runTask(execution: Execution, task: TaskState, input: unknown): Promise<unknown> {
    const { history } = execution;
    // The library reports the state it entered in a later microtask; its place in the history is before ours.
    await nextTurn();
    if (execution.status !== "RUNNING")
      throw new TaskFailure("States.Runtime", "The execution was stopped", false);
    history.add("LambdaFunctionScheduled", { resource: task.resource, input: JSON.stringify(input) });
    history.add("LambdaFunctionStarted");
    try {
      const output = await runTask(task, input, this.#lambda);
      history.add("LambdaFunctionSucceeded", { output: JSON.stringify(output) });
      return output;
    } catch (error) {
      if (error instanceof TaskFailure) {
        history.add("LambdaFunctionFailed", { error: error.name, cause: error.message });
        throw error;
      }
      throw new TaskFailure("States.Runtime", String(error), false);
    }
  }
}

function compile(Program: typeof StateMachine, definition: object, path: string): StateMachine {
  try {
    return new Program(definition as StateMachineDefinition);
  } catch (error) {
    throw new TemplateError(path, error instanceof Error ? error.message : String(error));
  }
}

function parseInput(input: string): unknown {
  if (Buffer.byteLength(input) > MAX_STATE_BYTES)
    throw new AwsError(
      "InvalidExecutionInput",
      "Invalid State Machine Execution Input: it is larger than 262144 bytes",
    );
  try {
    return JSON.parse(input);
  } catch {
    throw new AwsError("InvalidExecutionInput", "Invalid State Machine Execution Input: it is not JSON");
  }
}
