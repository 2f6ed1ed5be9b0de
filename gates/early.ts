import type { GateSpec } from "./evidence/index.ts";
import { formatShare, plural } from "./format.ts";
import { sequentially } from "./statistics/e-process.ts";

/** What a load has seen of one target so far. */
export interface SoFar {
  readonly requests: number;
  readonly errors: number;
}

/** So many errors at least, so that a report can show what is wrong; two may prove it. */
const LEAST_ERRORS = 5;

/**
 * Whether a required error-rate gate over the whole load is proven broken already, and so nothing is gained by
 * going on: the reason for `endedEarly` of the stage. An e-process says it, so it may be asked after every request.
 * @param judges whether a gate judges the target that is under load
 */
export function brokenAlready(
  gates: readonly GateSpec[],
  judges: (gate: GateSpec) => boolean,
  { requests, errors }: SoFar,
): string | undefined {
  if (errors < LEAST_ERRORS) return undefined;
  const broken = gates.find(
    (gate) =>
      gate.gate === "errorRate" &&
      gate.required !== false &&
      gate.phases === undefined &&
      gate.endpoints === undefined &&
      judges(gate) &&
      sequentially(errors, requests, gate.limit ?? 1) === "fail",
  );
  if (!broken) return undefined;
  return `errorRate is proven to be over ${formatShare(broken.limit ?? 1)}: ${plural(errors, "error")} in ${plural(requests, "request")}.`;
}
