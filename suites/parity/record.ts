import type { ParityFinding, RunWriter } from "../../gates/evidence/index.ts";
import { writeReport } from "../../gates/evidence/index.ts";
import { type Accepted, sortFindings } from "./accepted.ts";
import { exploreParity, type ParityOptions, type ParityResult } from "./explore.ts";
import { readTraffic } from "./replay/read.ts";
import { replayTraffic } from "./replay/run.ts";
import { shellScript } from "./report/shell.ts";
import { vitestFile } from "./report/vitest.ts";
import type { Exchange, Finding } from "./result.ts";

export interface Recording extends ParityOptions {
  readonly run: RunWriter;
  readonly specs: readonly string[];
  /** The path of the user file, for the tests that are written. */
  readonly userFilePath: string;
  readonly root: string;
  readonly accepted: readonly Accepted[];
  /** Recorded traffic instead of generated. */
  readonly replay?: { readonly file: string; readonly writes: boolean } | undefined;
  /** The day, for acceptances. */
  readonly today: string;
}

/** Sequences from which on an acceptance that nothing needed counts as stale. */
const ENOUGH_TO_TELL = 200;

/** Explores, and writes what was seen as evidence: sequences as they end, findings, a script and a test for each. */
export async function recordParity(
  options: Recording,
): Promise<ParityResult & { readonly recorded: number }> {
  const { run, candidate } = options;
  let recorded = 0;
  const observed: ParityOptions = {
    ...options,
    onSequence(sequence) {
      recorded += 1;
      run.append("parity", { ...sequence, target: candidate.name });
    },
  };
  const { replay } = options;
  const result =
    replay === undefined
      ? await exploreParity(observed)
      : await replayTraffic({ ...observed, traffic: readTraffic(replay.file), writes: replay.writes });
  const complete = result.counts.sequences >= ENOUGH_TO_TELL && options.operations === undefined;
  const { open, accepted, stale } = sortFindings(result.findings, options.accepted, options.today, complete);
  for (const finding of open) run.append("parityFindings", recordOf(finding, candidate.name));
  for (const { finding, by } of accepted)
    run.append("parityFindings", {
      ...recordOf(finding, candidate.name),
      accepted: { owner: by.owner, reason: by.reason, expires: by.expires },
    });
  for (const { entry, why } of stale) run.append("parityFindings", staleRecord(entry, why, candidate.name));
  for (const [index, finding] of open.entries()) {
    const name = `parity-${index + 1}`;
    writeReport(
      run.dir,
      `${name}.sh`,
      shellScript(
        options.model,
        finding,
        { baseline: options.baseline.url, candidate: candidate.url },
        options.userFile.credentials,
      ),
    );
    writeReport(
      run.dir,
      `${name}.test.ts`,
      vitestFile(finding, {
        folder: run.dir,
        root: options.root,
        specs: options.specs,
        userFile: options.userFilePath,
        baseline: options.baseline.url,
        candidate: candidate.url,
      }),
    );
  }
  const { coverage, noise, unconfirmed, counts } = result;
  writeReport(
    run.dir,
    "parity-coverage.json",
    `${JSON.stringify({ counts, coverage, noise, unconfirmed }, undefined, 2)}\n`,
  );
  return { ...result, findings: open, recorded };
}

function recordOf(finding: Finding, target: string): ParityFinding {
  const { id, title, operation, kind, path, differences, requests, seenIn, sequences, confirmed, tries } =
    finding;
  const steps = finding.steps.map((step) => ({
    operation: step.operation,
    together: step.together,
    setUp: step.setUp,
    baseline: exchange(step.baseline),
    candidate: exchange(step.candidate),
  }));
  return {
    id,
    target,
    title,
    class: finding.class,
    operation,
    kind,
    path,
    differences,
    steps,
    requests,
    seenIn,
    sequences,
    confirmed,
    tries,
  };
}

const exchange = ({ method, url, body, status, reply }: Exchange) => ({
  method,
  url,
  ...(body !== undefined && { body }),
  status,
  reply,
});

function staleRecord(entry: Accepted, why: string, target: string): ParityFinding {
  const { operation, kind, path } = entry;
  return {
    id: `acceptance | ${operation} | ${kind} | ${path}`,
    target,
    title: `The acceptance of ${kind} at ${path || "the reply"} of ${operation} (${entry.owner}) ${why}`,
    class: "stale acceptance",
    operation,
    kind,
    path,
    differences: [],
    steps: [],
    ...{ requests: 0, seenIn: 0, sequences: 0, confirmed: 0, tries: 0 },
  };
}
