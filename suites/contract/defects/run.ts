import type { ContractResult } from "../../../gates/evidence/index.ts";
import type { OperationModel } from "../../../openapi/model/index.ts";
import type { RunningProxy } from "../../proxy/proxy.ts";
import { CONTEXTS } from "../plan.ts";
import { runContracts } from "../run.ts";
import type { ContractTarget } from "../settings.ts";
import { startDefectiveTarget } from "./defective-target.ts";
import type { Defect } from "./fault.ts";

/** Whether the suite noticed a defect, and by which of its cases. */
export interface DefectOutcome {
  readonly defect: Defect;
  readonly found: boolean;
  /** The cases that went red, such as `C08`. */
  readonly by: readonly string[];
  /** The first finding, for people. */
  readonly first: string;
}

export interface DefectRun {
  /** A target without any known defect. */
  readonly sound: ContractTarget;
  readonly model: OperationModel;
  readonly specs: readonly string[];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, found: number) => void;
}

/** Targets in one run of the suite: enough to spare start-ups, few enough not to starve each other. */
const BATCH = 8;

/**
 * Runs the suite against each defect: the cases of its context, and all 42 when those notice nothing. Beside
 * each batch stands a target without a defect, which must stay green.
 * @throws Error when that one goes red: then the harness is broken, and no red proves anything
 */
export async function runDefects(
  defects: readonly Defect[],
  run: DefectRun,
): Promise<readonly DefectOutcome[]> {
  const outcomes: DefectOutcome[] = [];
  for (const batch of batches(defects)) {
    const context = CONTEXTS[batch[0]?.context as keyof typeof CONTEXTS];
    for (const outcome of await tryBatch(batch, context, run)) {
      const whole = outcome.found ? outcome : (await tryBatch([outcome.defect], [], run))[0];
      outcomes.push(whole ?? outcome);
      run.onProgress?.(outcomes.length, outcomes.filter(({ found }) => found).length);
    }
  }
  return outcomes;
}

function batches(defects: readonly Defect[]): readonly (readonly Defect[])[] {
  return [...Map.groupBy(defects, ({ context }) => context).values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / BATCH) }, (_, i) =>
      group.slice(i * BATCH, (i + 1) * BATCH),
    ),
  );
}

const SOUND = "sound";

async function tryBatch(
  defects: readonly Defect[],
  cases: readonly string[],
  { sound, model, specs, seed, signal }: DefectRun,
): Promise<readonly DefectOutcome[]> {
  const opened: RunningProxy[] = [];
  try {
    const targets: ContractTarget[] = [];
    for (const defect of [undefined, ...defects]) {
      const target = await startDefectiveTarget(sound.url, model, defect);
      opened.push(target);
      targets.push({ ...sound, name: defect?.id ?? SOUND, url: target.url });
    }
    const { results } = await runContracts({ targets, specs, seed, signal, cases, quiet: true });
    const of = (name: string): readonly ContractResult[] => results.filter(({ target }) => target === name);
    const control = of(SOUND).find(({ outcome }) => outcome !== "held");
    if (control !== undefined || of(SOUND).length === 0) {
      const why =
        control === undefined
          ? "no case ran"
          : `${control.id}: ${control.findings[0]?.message ?? control.reason}`;
      throw new Error(`the target without a defect is red, so nothing is proven (${why})`);
    }
    return defects.map((defect) => {
      const red = of(defect.id).filter(({ outcome }) => outcome === "broken");
      return {
        defect,
        found: red.length > 0,
        by: red.map(({ id }) => id),
        first: red[0]?.findings[0]?.message ?? "",
      };
    });
  } finally {
    await Promise.all(opened.map((target) => target.close()));
  }
}
