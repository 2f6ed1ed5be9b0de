import { TemplateError } from "../errors.ts";

type Json = Readonly<Record<string, unknown>>;

export interface TaskState {
  readonly name: string;
  /** A function's ARN, or {@link invokeResource}. */
  readonly resource: string;
}

/** The optimised integration: function and payload stand in the state's `Parameters`. */
export const invokeResource = "arn:aws:states:::lambda:invoke";

/**
 * A task without `TimeoutSeconds` may take as long as its execution; the library would stop it after a minute.
 * Seconds; the longest a timer can run.
 */
const UNLIMITED_SECONDS = 2_000_000;

/** Members of the JSONata mode, or newer than the library: it would ignore them and give wrong results. */
const refused = [
  "QueryLanguage",
  "Assign",
  "Arguments",
  "Output",
  "Items",
  "ItemReader",
  "ResultWriter",
  "ItemBatcher",
];

/**
 * Checks a state machine for what would silently go wrong on this machine and completes its timeouts. Throws
 * {@link TemplateError}. Returns all task states, those inside Map and Parallel too.
 */
export function prepareDefinition(
  definition: Json,
  path: string,
): { definition: Json; tasks: readonly TaskState[] } {
  const tasks: TaskState[] = [];
  return { definition: prepareMachine(definition, path, tasks), tasks };
}

function prepareMachine(machine: Json, path: string, tasks: TaskState[]): Json {
  refuse(machine, path);
  const states = Object.entries((machine.States ?? {}) as Json);
  return {
    ...machine,
    States: Object.fromEntries(
      states.map(([name, state]) => [
        name,
        prepareState(name, state as Json, `${path}.States.${name}`, tasks),
      ]),
    ),
  };
}

function prepareState(name: string, state: Json, path: string, tasks: TaskState[]): Json {
  refuse(state, path);
  switch (state.Type) {
    case "Task":
      return prepareTask(name, state, path, tasks);
    case "Parallel": {
      const branches = (state.Branches ?? []) as Json[];
      return {
        ...state,
        Branches: branches.map((b, i) => prepareMachine(b, `${path}.Branches[${i}]`, tasks)),
      };
    }
    case "Map": {
      const key = "ItemProcessor" in state ? "ItemProcessor" : "Iterator";
      const inner = (state[key] ?? {}) as Json;
      const mode = (inner.ProcessorConfig as Json | undefined)?.Mode ?? "INLINE";
      if (mode !== "INLINE")
        throw new TemplateError(path, `a ${String(mode)} Map is not supported on this machine`);
      return { ...state, [key]: prepareMachine(inner, `${path}.${key}`, tasks) };
    }
    default:
      return state;
  }
}

function prepareTask(name: string, state: Json, path: string, tasks: TaskState[]): Json {
  const resource = String(state.Resource);
  if (resource !== invokeResource && !/^arn:aws:lambda:[^:]+:\d+:function:/.test(resource))
    throw new TemplateError(
      path,
      `Resource ${resource} is not supported on this machine; only Lambda functions are`,
    );
  if (tasks.some((task) => task.name === name)) throw new TemplateError(path, "two tasks have this name");
  for (const key of ["HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"])
    if (key in state) throw new TemplateError(`${path}.${key}`, "is not supported on this machine");
  tasks.push({ name, resource });
  const limited = "TimeoutSeconds" in state || "TimeoutSecondsPath" in state;
  return limited ? state : { ...state, TimeoutSeconds: UNLIMITED_SECONDS };
}

function refuse(part: Json, path: string): void {
  for (const key of refused)
    if (key in part && !(key === "QueryLanguage" && part[key] === "JSONPath"))
      throw new TemplateError(`${path}.${key}`, "is not supported on this machine; only JSONPath is");
}
