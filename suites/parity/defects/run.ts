import type { OperationModel } from "../../../openapi/model/index.ts";
import type { ParityTarget } from "../explore.ts";
import type { UserFile } from "../user-file.ts";
import type { BehaviouralDefect } from "./catalogue.ts";
import { startBehavingTarget } from "./target.ts";
import { type Known, type Outcome, tryKnown } from "./try.ts";

export interface DefectRun {
  /** What the candidate is held against. */
  readonly baseline: ParityTarget;
  /** The candidate without any known defect; the defects are put in front of it. */
  readonly sound: ParityTarget;
  readonly model: OperationModel;
  readonly userFile: UserFile;
  readonly seed: number;
  /** For each defect. */
  readonly maxMs: number;
  /** Explores without any defect first. */
  readonly controlled: boolean;
  /** Looks for anything else after the first finding, in twice as many sequences. */
  readonly beside: boolean;
  readonly signal: AbortSignal;
  onOutcome(outcome: Outcome): void;
}

/** No defect at all: what is found then is found wrongly, or the two systems differ. */
const CLEAN: Known = { id: "clean", says: "no defect: nothing may be found", operations: [] };

/** Explores parity with each defect alone switched on. */
export async function runBehaviouralDefects(
  defects: readonly BehaviouralDefect[],
  run: DefectRun,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const defect of run.controlled ? [undefined, ...defects] : defects) {
    if (run.signal.aborted) break;
    const target = await startBehavingTarget(run.sound.url, run.model, defect);
    try {
      const candidate = { ...run.sound, url: target.url };
      const outcome = await tryKnown(defect === undefined ? CLEAN : knownOf(defect), { ...run, candidate });
      outcomes.push(outcome);
      run.onOutcome(outcome);
    } finally {
      await target.close();
    }
  }
  return outcomes;
}

const knownOf = ({ id, defect, operations, seenIn }: BehaviouralDefect): Known => ({
  id,
  says: defect,
  operations: [...operations, ...seenIn],
  // Every answer keeps its schema, so the contract cannot take sides.
  class: "silent break",
});
