import type { PactResult } from "../../gates/evidence/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { operationOf } from "../pacts/operation.ts";
import type { Expectation } from "../pacts/types.ts";
import { type PactRun, resultsOf } from "../run.ts";
import type { Job } from "../verify/job.ts";
import { verifyJobs } from "../verify/verify.ts";
import type { Defect } from "./defect.ts";
import { startDefectiveProvider } from "./provider.ts";

/** What became of one defect. */
export interface DefectOutcome {
  readonly defect: Defect;
  /** The consumers that broke. */
  readonly broke: readonly string[];
  /** Exactly those broke that had to, and every other interaction was verified. */
  readonly holds: boolean;
  /** The first finding, or what went wrong. */
  readonly first: string;
}

export interface DefectRun {
  /** A target without any known defect. */
  readonly soundUrl: string;
  readonly model: OperationModel;
  readonly specs: readonly string[];
  readonly provider: string;
  readonly expectations: readonly Expectation[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Defects verified by one process: enough to spare start-ups, few enough to show progress. */
const BATCH = 12;

/** Verifies each defective provider against what the pacts ask of the operation that it spoils. */
export async function runDefects(
  defects: readonly Defect[],
  run: DefectRun,
): Promise<readonly DefectOutcome[]> {
  const outcomes: DefectOutcome[] = [];
  for (let from = 0; from < defects.length; from += BATCH) {
    outcomes.push(...(await tryBatch(defects.slice(from, from + BATCH), run)));
    run.onProgress?.(outcomes.length);
  }
  return outcomes;
}

async function tryBatch(defects: readonly Defect[], run: DefectRun): Promise<readonly DefectOutcome[]> {
  const providers = await Promise.all(
    defects.map((defect) => startDefectiveProvider(run.soundUrl, run.model, defect)),
  );
  try {
    const { model, provider, specs, signal } = run;
    const runs = defects.map(
      ({ operation }): PactRun => ({
        expectations: run.expectations.filter(
          ({ interaction }) => operationOf(model, interaction) === operation,
        ),
        refused: new Map(),
        ...{ provider, model, specs },
      }),
    );
    const jobs = runs.map(
      ({ expectations }, index): Job => ({
        target: { name: defects[index]?.id ?? "", url: providers[index]?.url ?? "" },
        ...{ provider, specs, expectations, timeoutMs: 15_000 },
      }),
    );
    const verified = await verifyJobs(jobs, signal);
    return defects.map((defect, index) =>
      outcomeOf(defect, resultsOf(defect.id, runs[index] as PactRun, verified[index] ?? [])),
    );
  } finally {
    await Promise.all(providers.map((each) => each.close()));
  }
}

function outcomeOf(defect: Defect, results: readonly PactResult[]): DefectOutcome {
  const broken = results.filter(({ outcome }) => outcome === "broken");
  const broke = [...new Set(broken.map(({ consumer }) => consumer))].sort();
  const other = results.find(({ outcome }) => outcome !== "broken" && outcome !== "verified");
  const holds = results.length > 0 && other === undefined && broke.join() === defect.breaks.join();
  return { defect, broke, holds, first: other?.reason ?? broken[0]?.findings[0]?.message ?? "" };
}
