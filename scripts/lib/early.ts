import { brokenAlready, type SoFar } from "../../gates/early.ts";
import { type GateSpec, type RunOwner, readRun } from "../../gates/evidence/index.ts";
import { Interrupted } from "../../gates/exit.ts";
import { sampleOf } from "../../gates/load-sample.ts";
import type { RunningTarget } from "./targets.ts";

/** Watches a load, and aborts `signal` when one of its gates is proven broken. */
export interface LoadWatch {
  readonly signal: AbortSignal;
  /** Why it was aborted. */
  readonly reason: () => string | undefined;
  seen(soFar: SoFar): void;
}

export function watchLoad(
  gates: readonly GateSpec[],
  target: Pick<RunningTarget, "name" | "role">,
): LoadWatch {
  const enough = new AbortController();
  let reason: string | undefined;
  const judges = (gate: GateSpec): boolean =>
    gate.target === undefined ? target.role === "candidate" : gate.target === target.name;
  return {
    signal: enough.signal,
    reason: () => reason,
    seen(soFar) {
      reason ??= brokenAlready(gates, judges, soFar);
      if (reason !== undefined) enough.abort();
    },
  };
}

/**
 * Closes the stages of a load that was ended because a gate is proven broken: what was seen until then is evidence, of
 * all targets that were loaded together.
 * @returns false when it ended for another reason, which is for the caller to deal with
 */
export function endEarly(
  error: unknown,
  run: RunOwner,
  watches: ReadonlyMap<string, LoadWatch>,
  interrupted: AbortSignal,
  say: (line: string) => void,
): boolean {
  const endedEarly = [...watches.values()].map((watch) => watch.reason()).find((why) => why !== undefined);
  if (endedEarly === undefined || interrupted.aborted || !(error instanceof Interrupted)) return false;
  run.flush();
  const record = readRun(run.dir);
  for (const target of watches.keys()) {
    const finished = sampleOf(record, target).n;
    run.beginStage("load", target, finished);
    run.endStage("load", target, { finished, status: "done", endedEarly });
  }
  say(`The load on ${[...watches.keys()].join(" and ")} was ended early: ${endedEarly}`);
  return true;
}
