import type {
  GateOutcome,
  GateSpec,
  RunRecord,
  RunTarget,
  Stage,
  StageName,
  StreamName,
} from "../evidence/index.ts";
import { plural } from "../format.ts";

/** One kind of gate: a pure function of the record. */
export interface GateKind {
  readonly name: GateSpec["gate"];
  /** The targets whose measurement it judges. */
  targets(record: RunRecord, spec: GateSpec): readonly RunTarget[];
  judge(record: RunRecord, spec: GateSpec): GateOutcome;
}

/** What keeps a gate from being judged: there is no evidence, or it cannot be trusted. */
export interface Obstacle {
  readonly kind: "absent" | "invalid";
  readonly reason: string;
}

/** The fields every outcome of a gate begins with. */
export function outcomeOf(
  spec: GateSpec,
  target?: string,
): Pick<GateOutcome, "gate" | "target" | "required"> {
  return { gate: spec.gate, ...(target !== undefined && { target }), required: spec.required ?? true };
}

/** The target named by the gate, else the candidate. */
export function judgedTarget(record: RunRecord, spec: GateSpec): RunTarget | undefined {
  const { targets } = record.file;
  return targets.find((target) =>
    spec.target === undefined ? target.role === "candidate" : target.name === spec.target,
  );
}

export function oneTarget(record: RunRecord, spec: GateSpec): readonly RunTarget[] {
  const target = judgedTarget(record, spec);
  return target ? [target] : [];
}

export function findStage(record: RunRecord, name: StageName, target: string): Stage | undefined {
  return record.file.stages.find((stage) => stage.name === name && stage.target === target);
}

/** Lines lost from the given streams. Some of what was observed is gone, so no figure can be trusted. */
export function lostLines(record: RunRecord, ...names: readonly StreamName[]): Obstacle | undefined {
  const corrupt = record.corrupt.filter((line) => names.includes(line.stream));
  const [first] = corrupt;
  if (first) {
    const reason = `${plural(corrupt.length, "line")} of the evidence cannot be read (first: ${first.stream}, line ${first.line}).`;
    return { kind: "invalid", reason };
  }
  const cut = record.truncated.find((name) => names.includes(name));
  return cut
    ? { kind: "invalid", reason: `The last record of ${cut} was cut off: the run did not end by itself.` }
    : undefined;
}

/** What is wrong with a stage: never begun, cut short, failed, or with other records than it counted. */
export function stageObstacle(
  stage: Stage | undefined,
  name: StageName,
  target: string,
  records: number,
): Obstacle | undefined {
  const subject = `The stage ${name} on ${target}`;
  if (!stage) return { kind: "absent", reason: `${subject} was not part of this run.` };
  if (stage.status === "missing")
    return { kind: "absent", reason: `${subject} did not begin${because(stage)}.` };
  if (stage.status === "running") return { kind: "invalid", reason: `${subject} was cut short.` };
  if (stage.status === "failed") return { kind: "invalid", reason: `${subject} failed${because(stage)}.` };
  if (stage.finished === records) return undefined;
  return {
    kind: "invalid",
    reason: `${subject} counted ${stage.finished} results, but ${records} were recorded.`,
  };
}

function because(stage: Stage): string {
  return stage.why === undefined ? "" : `: ${stage.why.replace(/\.$/, "")}`;
}

/** Whether numbers run from 0 without gap or repetition, in any order. */
export function isComplete(numbers: readonly number[]): boolean {
  return new Set(numbers).size === numbers.length && numbers.every((number) => number < numbers.length);
}
