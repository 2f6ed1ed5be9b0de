import type { Difference, DifferenceKind } from "../result.ts";
import type { Ran } from "./sequence.ts";

/** What makes two differences the same: operation, kind, place, and for a status which. */
export interface Signature {
  readonly operation: string;
  readonly kind: DifferenceKind;
  readonly path: string;
  readonly detail: string;
}

export function signatureOf(ran: Ran): Signature | undefined {
  const [first] = ran.comparison.differences;
  if (first === undefined || ran.comparison.unstable) return undefined;
  return signed(ran.step.operation, first);
}

function signed(operation: string, { kind, path, baseline, candidate }: Difference): Signature {
  const detail =
    kind === "status"
      ? `${baseline} → ${candidate}`
      : kind === "presence"
        ? `${presence(baseline)} → ${presence(candidate)}`
        : "";
  return { operation, kind, path, detail };
}

const presence = (shown: string): string => (shown === "absent" ? "absent" : "there");

export function keyOf({ operation, kind, path, detail }: Signature): string {
  return [operation, kind, path, detail].join(" | ");
}

/** Whether a step shows that difference, foremost or among others. */
export function shows(ran: Ran, signature: Signature): boolean {
  if (ran.step.operation !== signature.operation || ran.comparison.unstable) return false;
  const key = keyOf(signature);
  return ran.comparison.differences.some(
    (difference) => keyOf(signed(ran.step.operation, difference)) === key,
  );
}
