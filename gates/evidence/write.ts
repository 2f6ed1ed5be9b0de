import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { CutoverError, EXIT } from "../exit.ts";
import { redact, redactText } from "../redact.ts";
import { issuesOf, type Shape } from "../shape.ts";
import { Appender } from "./append.ts";
import { CompactAppender, type CompactHeader } from "./compact.ts";
import { makeFolder, pointLatest, replaceFile } from "./files.ts";
import { readRunFile } from "./read.ts";
import {
  type ContractPlan,
  type PactPlan,
  type RunFile,
  type RunTarget,
  runShape,
  SCHEMA_VERSION,
  type Stage,
  type StageName,
  type StreamName,
  type StreamRecords,
  streams,
  type Verdict,
  verdictShape,
} from "./schema.ts";

/** What is known when a run begins. `stages` are all that are planned; they start as `missing`. */
export interface NewRun {
  readonly command: string;
  readonly git: RunFile["git"];
  readonly seed: number;
  readonly profile: RunFile["profile"];
  readonly targets: readonly RunTarget[];
  readonly specs: RunFile["specs"];
  readonly tools: Readonly<Record<string, string>>;
  readonly contractPlan?: ContractPlan;
  readonly stages: readonly Pick<Stage, "name" | "target" | "planned">[];
}

export interface WriterOptions {
  /** Secrets known by value, such as header values in the configuration. */
  readonly secrets?: readonly string[];
  /** The wall clock, for tests. */
  readonly now?: () => Date;
}

/** Appends observations to a run; any number of processes may hold one for the same run. */
export interface RunWriter {
  readonly dir: string;
  readonly runId: string;
  /** @throws EvidenceError when the record, or one before it, could not be written. */
  append<N extends StreamName>(stream: N, record: StreamRecords[N]): void;
  /** Opens a compact file for the requests of one target by one worker, for a load of very many. */
  compact(header: Omit<CompactHeader, "format" | "version">): Pick<CompactAppender, "append">;
  /** Writes out what is buffered (at most 200 ms old). @throws EvidenceError */
  flush(): void;
  /** @throws EvidenceError */
  close(): void;
}

/** The process that created the run; it alone writes `run.json`. */
export interface RunOwner extends RunWriter {
  readonly file: RunFile;
  setContractPlan(plan: ContractPlan): void;
  setPactPlan(plan: PactPlan): void;
  /** Completes what is known about a target: its address, versions, functions. */
  updateTarget(name: string, facts: Partial<Omit<RunTarget, "name" | "role">>): void;
  /** Begins a stage; called again while it runs, it only corrects what is planned. */
  beginStage(name: StageName, target: string, planned: number): void;
  endStage(
    name: StageName,
    target: string,
    end: {
      readonly finished: number;
      readonly status: "done" | "failed";
      readonly why?: string;
      readonly endedEarly?: string;
    },
  ): void;
  /** Marks the run complete and closes it. */
  end(): void;
}

/**
 * Creates `<root>/<run id>/` with `run.json`, and points `<root>/latest` to it.
 * @throws EvidenceError when the folder cannot be written.
 */
export function createRun(root: string, start: NewRun, options: WriterOptions = {}): RunOwner {
  const now = options.now ?? (() => new Date());
  const startedAt = now().toISOString();
  const runId = `${startedAt.slice(0, 19).replaceAll(":", "-")}-${randomBytes(2).toString("hex")}`;
  const dir = resolve(root, runId);
  makeFolder(dir);
  const writer = openStreams(dir, runId, options);
  let file: RunFile = {
    schemaVersion: SCHEMA_VERSION,
    runId,
    startedAt,
    ...start,
    stages: start.stages.map((stage) => ({ ...stage, finished: 0, status: "missing" })),
  };
  const change = (patch: Partial<RunFile>): void => {
    file = { ...file, ...patch };
    writeJson(join(dir, "run.json"), runShape, file, options.secrets);
  };
  const changeStage = (name: StageName, target: string, patch: Partial<Stage>): void => {
    const known = file.stages.find((stage) => stage.name === name && stage.target === target);
    const changed: Stage = { name, target, planned: 0, finished: 0, status: "missing", ...known, ...patch };
    change({
      stages: known
        ? file.stages.map((stage) => (stage === known ? changed : stage))
        : [...file.stages, changed],
    });
  };
  change({});
  pointLatest(resolve(root), runId);
  return {
    ...writer,
    get file() {
      return file;
    },
    setContractPlan: (contractPlan) => change({ contractPlan }),
    setPactPlan: (pactPlan) => change({ pactPlan }),
    updateTarget: (name, facts) =>
      change({
        targets: file.targets.map((target) => (target.name === name ? { ...target, ...facts } : target)),
      }),
    beginStage: (name, target, planned) => {
      const known = file.stages.find((stage) => stage.name === name && stage.target === target);
      const startedAt = known?.status === "running" ? known.startedAt : undefined;
      changeStage(name, target, { planned, status: "running", startedAt: startedAt ?? now().toISOString() });
    },
    endStage: (name, target, end) => changeStage(name, target, { ...end, endedAt: now().toISOString() }),
    end() {
      writer.close();
      change({ endedAt: now().toISOString() });
    },
  };
}

/** Opens a run that another process created, to append to it. @throws UsageError when there is none. */
export function joinRun(dir: string, options: WriterOptions = {}): RunWriter {
  const folder = resolve(dir);
  return openStreams(folder, readRunFile(folder).runId, options);
}

function openStreams(dir: string, runId: string, options: WriterOptions): RunWriter {
  const open = new Map<StreamName, Appender>();
  const compact: CompactAppender[] = [];
  const stream = (name: StreamName): Appender => {
    const known = open.get(name) ?? new Appender(join(dir, streams[name].file), options.secrets);
    open.set(name, known);
    return known;
  };
  return {
    dir,
    runId,
    append: (name, record) => stream(name).append(record),
    compact: (header) => {
      const appender = new CompactAppender(dir, header);
      compact.push(appender);
      return appender;
    },
    flush: () => {
      for (const appender of [...open.values(), ...compact]) appender.flush();
    },
    close: () => {
      const all = [...open.values(), ...compact];
      open.clear();
      compact.length = 0;
      closeAll(all);
    },
  };
}

/** Closes every file, also after one that could not be written: what the others still hold is evidence. */
function closeAll(appenders: readonly (Appender | CompactAppender)[]): void {
  const failures = appenders.flatMap((appender) => {
    try {
      appender.close();
      return [];
    } catch (error) {
      return [error];
    }
  });
  if (failures.length > 0) throw failures[0];
}

/** Writes `verdict.json` into a run's folder. @throws EvidenceError */
export function writeVerdict(dir: string, verdict: Verdict): void {
  writeJson(join(dir, "verdict.json"), verdictShape, verdict);
}

/** Writes a report into a run's folder, redacted like everything else there. @throws EvidenceError */
export function writeReport(dir: string, fileName: string, text: string): void {
  replaceFile(join(dir, fileName), redactText(text));
}

function writeJson(path: string, shape: Shape<unknown>, value: unknown, secrets?: readonly string[]): void {
  const [issue] = issuesOf(shape, value);
  if (issue) {
    throw new CutoverError(EXIT.bug, {
      what: "Cutover was about to write evidence that it could not read again. This is a bug.",
      where: `${path}${issue.pointer}`,
      got: issue.got,
      wanted: issue.wanted,
    });
  }
  replaceFile(path, `${JSON.stringify(redact(value, secrets), undefined, 2)}\n`);
}
