import type { ResolvedCapacity } from "../../gates/config.ts";
import { Interrupted } from "../../gates/exit.ts";
import { launchArtillery } from "../artillery.ts";
import { machineMs, type Order } from "../protocol.ts";
import { type LoadResult, requireOperationsOf } from "../run.ts";
import { readScenario, scriptFile } from "../scenario/read.ts";

export interface CapacityOptions
  extends Pick<Order, "targets" | "timeoutMs" | "runDir" | "seed" | "secrets" | "specs"> {
  readonly search: ResolvedCapacity;
  /** A step in which 1 of 100 requests left later than this tells nothing. */
  readonly latenessP99Ms: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (replicates: number) => void;
}

/** No search takes more steps than this: 12 doublings and as many halvings of what is between. */
const MOST_STEPS = 24;

/** How many records each target leaves. */
export function plannedReplicates({ replicates, recovery }: ResolvedCapacity): number {
  return replicates * (recovery === undefined ? 1 : 2);
}

/**
 * Searches for the burst capacity of each target, in turns, through Artillery, and leaves a record of each replicate
 * in the run's folder.
 * @throws as `runLoad`
 */
export async function runCapacity(options: CapacityOptions): Promise<readonly LoadResult[]> {
  const { search, latenessP99Ms, signal, onProgress, ...rest } = options;
  requireOperationsOf(readScenario(search.scenario, options.specs), options.specs);
  const { stepSeconds, replicates, recovery } = search;
  const eachSeconds = MOST_STEPS * stepSeconds + (recovery ? recovery.seconds + recovery.within : 0);
  const order: Order = {
    kind: "start",
    ...rest,
    targets: options.targets.map(({ name, url, headers }) => ({ name, url, headers })),
    // How long it may take at most, for those who watch over it.
    phases: [{ name: "search", rate: 1, seconds: eachSeconds * replicates * options.targets.length }],
    budget: Number.MAX_SAFE_INTEGER,
    search: { ...search, latenessP99Ms },
    share: { index: 0, of: 1 },
  };
  const script = scriptFile(search.scenario, options.specs);
  try {
    const summaries = await launchArtillery(script.file, order, {
      signal,
      onReady: async () => machineMs(),
      onProgress: ({ sent }) => onProgress?.(sent),
    });
    if (summaries.some(({ ended }) => ended === "stopped")) throw new Interrupted();
    return summaries.map(({ target, due, recorded }) => ({ target, planned: due, finished: recorded }));
  } finally {
    script.remove();
  }
}
