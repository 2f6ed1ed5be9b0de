import { checkReply } from "../../../openapi/conformance/index.ts";
import type { OperationModel } from "../../../openapi/model/index.ts";
import type { FindingClass } from "../result.ts";
import type { Reply } from "./http.ts";
import type { Ran } from "./sequence.ts";

/** Who breaks the contract, where the two differ. */
export function classOf(model: OperationModel, { step, replies }: Ran): FindingClass {
  const baseline = breaks(model, step.operation, replies[0]);
  const candidate = breaks(model, step.operation, replies[2]);
  if (baseline && candidate) return "legacy quirk";
  if (candidate) return "regression";
  return baseline ? "improvement" : "silent break";
}

/** A system that fails keeps no promise, even where the documents say how it fails. */
export function breaks(
  model: OperationModel,
  operation: string,
  { status, headers, text, failure }: Reply,
): boolean {
  if (failure !== undefined || status >= 500) return true;
  return checkReply(model, operation, { status, headers, text }).length > 0;
}
