import type { OperationModel } from "../../../openapi/model/index.ts";
import { exploreParity, type ParityTarget } from "../explore.ts";
import type { Finding, FindingClass } from "../result.ts";
import type { UserFile } from "../user-file.ts";

/** A difference that is known to be there. */
export interface Known {
  readonly id: string;
  readonly says: string;
  /** Where it may show; none when nothing may be found. */
  readonly operations: readonly string[];
  /** How it has to be classed, where that is known. */
  readonly class?: FindingClass;
}

export interface Trial {
  readonly baseline: ParityTarget;
  readonly candidate: ParityTarget;
  readonly model: OperationModel;
  readonly userFile: UserFile;
  readonly seed: number;
  readonly maxMs: number;
  readonly beside: boolean;
  readonly signal: AbortSignal;
}

/** What became of one known difference. */
export interface Outcome {
  readonly known: Known;
  readonly found: boolean;
  /** From the beginning of the exploration to the shrunk and confirmed finding. */
  readonly seconds: number;
  /** Requests of the shortest reproduction beyond set-up; undefined without one. */
  readonly requests: number | undefined;
  /** The reproduction showed the difference on fresh accounts each time that it was tried. */
  readonly replays: boolean;
  readonly title: string;
  /** Titles of findings that are not the known difference. */
  readonly others: readonly string[];
  /** Requests answered by both. */
  readonly pairs: number;
}

/** Explores with one known difference switched on, and tells whether it was found, and what else. */
export async function tryKnown(known: Known, trial: Trial): Promise<Outcome> {
  const { beside, ...options } = trial;
  const none = known.operations.length === 0;
  const began = performance.now();
  const first = await exploreParity({ ...options, ...(!none && { enough: 1 }) });
  const seconds = (performance.now() - began) / 1000;
  const more =
    beside && first.findings.length > 0
      ? (await exploreParity({ ...options, sequences: 2 * first.counts.sequences + 20 })).findings
      : [];
  const found = first.findings.find((finding) => isOf(known, finding));
  const others = [...first.findings, ...more].filter((finding) => !isOf(known, finding));
  return {
    known,
    found: found !== undefined,
    seconds,
    requests: found?.requests,
    replays: found !== undefined && found.confirmed === found.tries,
    title: found?.title ?? "",
    others: [...new Set(others.map(({ title, class: kind }) => `${kind}: ${title}`))],
    pairs: first.counts.pairs,
  };
}

function isOf({ operations, class: wanted }: Known, finding: Finding): boolean {
  return operations.includes(finding.operation) && (wanted === undefined || finding.class === wanted);
}
