/** The evidence of a run: its format, how it is written and how it is read. See docs/evidence.md. */
export { type CorruptLine, type RunRecord, readRun, readRunFile } from "./read.ts";
export type {
  ColdStart,
  ContractPlan,
  ContractResult,
  Finding,
  FunctionFacts,
  GateOutcome,
  GateSpec,
  GeneratorSample,
  LoadRequest,
  ParityFinding,
  ParitySequence,
  RunFile,
  RunProfile,
  RunTarget,
  Stage,
  StageName,
  StreamName,
  Verdict,
} from "./schema.ts";
export {
  createRun,
  joinRun,
  type NewRun,
  type RunOwner,
  type RunWriter,
  type WriterOptions,
  writeReport,
  writeVerdict,
} from "./write.ts";
