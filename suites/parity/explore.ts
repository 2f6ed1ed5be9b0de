import type { OperationModel } from "../../openapi/model/index.ts";
import type { OperationCoverage } from "./engine/coverage.ts";
import type { Noise, Unconfirmed } from "./engine/investigate.ts";
import { explore } from "./engine/run.ts";
import type { Finding, ParityCounts } from "./result.ts";
import type { UserFile } from "./user-file.ts";

/** One of the two systems, by its URL. */
export interface ParityTarget {
  readonly name: string;
  readonly url: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Only on a disposable target is anything written: without it nothing but reads is sent. */
  readonly disposable: boolean;
  /** Requests in flight. Default 16. */
  readonly atOnce?: number;
  /** Of these one that reads and one that writes for each resource. */
  readonly onePerResource?: boolean;
}

export interface ParityOptions {
  /** The model of the documents, from `loadSpecs`. */
  readonly model: OperationModel;
  readonly baseline: ParityTarget;
  readonly candidate: ParityTarget;
  readonly userFile: UserFile;
  /** One seed, one traffic. */
  readonly seed: number;
  /** Ends after so many milliseconds of exploring (shrinking what was found comes on top, at most as long again). */
  readonly maxMs?: number;
  /** Ends after so many sequences. */
  readonly sequences?: number;
  /** Only these operations (and what they need) are aimed at. */
  readonly operations?: readonly string[];
  /** Ends as soon as so many root causes are found and shrunk. For seeded defects: 1. */
  readonly enough?: number;
  /** Requests a second to each target, at most. */
  readonly pace?: number;
  readonly signal?: AbortSignal;
  /** Told of each sequence when it has ended. */
  onSequence?(sequence: SequenceRecord): void;
  onProgress?(progress: {
    readonly sequences: number;
    readonly pairs: number;
    readonly findings: number;
  }): void;
}

/** What became of one sequence. */
export interface SequenceRecord {
  readonly seq: number;
  readonly drawn: "independent" | "guided";
  readonly strategy: string;
  readonly operation: string;
  readonly pairs: number;
  readonly outcome: "same" | "differs" | "given-up";
  readonly why?: string;
  /** How many replies of each operation, as "getPlan 200 200": by the baseline's and the candidate's status. */
  readonly replies: Readonly<Record<string, number>>;
}

export interface ParityResult {
  /** One for each root cause; accepted differences are not among them. */
  readonly findings: readonly Finding[];
  readonly counts: ParityCounts;
  /** What was seen of each operation on each side, and why not more. */
  readonly coverage: readonly OperationCoverage[];
  /** Differences that did not show again. */
  readonly unconfirmed: readonly Unconfirmed[];
  /** Where the baseline differs from itself, with counts: values there are bound or ignored, nothing else is. */
  readonly noise: readonly Noise[];
  /** Why it ended before its time. */
  readonly ended: string | undefined;
}

/**
 * Sends one generated, stateful traffic to both systems and tells where their answers differ.
 * @throws TargetError when a target cannot be reached at all; UsageError for operations that do not exist
 */
export function exploreParity(options: ParityOptions): Promise<ParityResult> {
  return explore(options);
}
