import { join } from "node:path";
import { EvidenceUnreadable, UsageError } from "../exit.ts";
import { issuesOf, type Shape } from "../shape.ts";
import { readCompact } from "./compact.ts";
import { chunksOf, readIfThere } from "./files.ts";
import {
  type CapacityResult,
  type ColdStart,
  type ContractResult,
  type GeneratorSample,
  type InvocationTrace,
  type LoadHistogram,
  type LoadRequest,
  type PactResult,
  type ParityFinding,
  type ParitySequence,
  type RunFile,
  runShape,
  SCHEMA_VERSION,
  type StreamName,
  streams,
  type Verdict,
  verdictShape,
} from "./schema.ts";

/** A line that is not a record. It makes every gate over its stream invalid. */
export interface CorruptLine {
  readonly stream: StreamName;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** All that a run left behind. Gates and reports are pure functions of it. */
export interface RunRecord {
  readonly file: RunFile;
  readonly contracts: readonly ContractResult[];
  readonly pact: readonly PactResult[];
  readonly parity: readonly ParitySequence[];
  readonly parityFindings: readonly ParityFinding[];
  readonly requests: readonly LoadRequest[];
  /** In place of the requests of a target of which there were too many. */
  readonly histograms: readonly LoadHistogram[];
  readonly coldStarts: readonly ColdStart[];
  readonly generator: readonly GeneratorSample[];
  readonly capacity: readonly CapacityResult[];
  readonly invocations: readonly InvocationTrace[];
  readonly corrupt: readonly CorruptLine[];
  /** Streams whose last line was cut off, as a kill leaves them. */
  readonly truncated: readonly StreamName[];
  readonly verdict?: Verdict;
}

/**
 * Reads a run's folder.
 * @throws UsageError when there is no run, EvidenceUnreadable when `run.json` or `verdict.json` make no sense.
 */
export function readRun(dir: string): RunRecord {
  const file = readRunFile(dir);
  const contracts = readStream(dir, "contracts", streams.contracts.shape);
  const pact = readStream(dir, "pact", streams.pact.shape);
  const requests = withCompact(dir, readStream(dir, "requests", streams.requests.shape));
  const histograms = readStream(dir, "histograms", streams.histograms.shape);
  const coldStarts = readStream(dir, "coldStarts", streams.coldStarts.shape);
  const generator = readStream(dir, "generator", streams.generator.shape);
  const capacity = readStream(dir, "capacity", streams.capacity.shape);
  const invocations = readStream(dir, "invocations", streams.invocations.shape);
  const parity = readStream(dir, "parity", streams.parity.shape);
  const parityFindings = readStream(dir, "parityFindings", streams.parityFindings.shape);
  const all = [
    ...[contracts, pact, parity, parityFindings, requests],
    ...[histograms, coldStarts, generator, capacity, invocations],
  ];
  const verdict = readJson(join(dir, "verdict.json"), verdictShape);
  return {
    file,
    contracts: contracts.records,
    pact: pact.records,
    parity: parity.records,
    parityFindings: parityFindings.records,
    requests: requests.records,
    histograms: histograms.records,
    coldStarts: coldStarts.records,
    generator: generator.records,
    capacity: capacity.records,
    invocations: invocations.records,
    corrupt: all.flatMap((stream) => stream.corrupt),
    truncated: all.filter((stream) => stream.truncated).map((stream) => stream.name),
    ...(verdict && { verdict }),
  };
}

/** Reads `run.json` alone. @throws as `readRun` */
export function readRunFile(dir: string): RunFile {
  const file = readJson(join(dir, "run.json"), runShape);
  if (file) return file;
  throw new UsageError({
    what: "There is no run here.",
    where: dir,
    got: "no run.json",
    wanted: "the folder of a run, such as reports/out/latest",
    next: "Make one with: npm start",
  });
}

function readJson<T>(path: string, shape: Shape<T>): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const value = parse(text);
  const version =
    typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
  const [issue] =
    value === undefined ? [{ pointer: "", got: "no JSON", wanted: "JSON" }] : issuesOf(shape, value);
  if (!issue) return value as T;
  const foreign = version !== SCHEMA_VERSION && version !== undefined;
  throw new EvidenceUnreadable({
    what: foreign
      ? "This run was written by another version of Cutover."
      : "This file of the run is damaged.",
    where: `${path}${issue.pointer}`,
    got: foreign ? `schema version ${String(version)}` : issue.got,
    wanted: foreign ? `schema version ${SCHEMA_VERSION}` : issue.wanted,
    next: "Verify again: npm start",
  });
}

interface StreamContent<T> {
  readonly name: StreamName;
  readonly records: readonly T[];
  readonly corrupt: readonly CorruptLine[];
  readonly truncated: boolean;
}

function readStream<T>(dir: string, name: StreamName, shape: Shape<T>): StreamContent<T> {
  const records: T[] = [];
  const corrupt: CorruptLine[] = [];
  const take = (line: string, number: number): void => {
    const value = parse(line);
    const [issue] =
      value === undefined ? [{ pointer: "", got: "no JSON", wanted: "JSON" }] : issuesOf(shape, value);
    if (!issue) records.push(value as T);
    else
      corrupt.push({
        stream: name,
        line: number,
        message: `${issue.pointer} got ${issue.got}, wanted ${issue.wanted}`.trim(),
      });
  };
  const decoder = new TextDecoder();
  let number = 0;
  let rest = "";
  for (const chunk of chunksOf(join(dir, streams[name].file))) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    // Every whole line ends with a line feed: what stands after the last one is the start of a record.
    rest = lines.pop() ?? "";
    for (const line of lines) take(line, ++number);
  }
  return { name, records, corrupt, truncated: rest + decoder.decode() !== "" };
}

/** The requests of a run, those of large loads among them. */
function withCompact(dir: string, lines: StreamContent<LoadRequest>): StreamContent<LoadRequest> {
  const compact = readCompact(dir);
  if (compact.records.length + compact.corrupt.length === 0 && !compact.truncated) return lines;
  return {
    name: lines.name,
    records: lines.records.concat(compact.records),
    corrupt: lines.corrupt.concat(compact.corrupt.map((line) => ({ stream: lines.name, ...line }))),
    truncated: lines.truncated || compact.truncated,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
