import type { Operation } from "../model/index.ts";
import type { FindingParts } from "./finding.ts";

/** For a status that `responses` of the operation does not have (OpenAPI 3.1, 4.8.16). */
export function undocumentedStatus(operation: Operation, got: number): FindingParts {
  const wanted = operation.responses.map((response) => response.status).join(", ");
  return { kind: "status", pointer: "", got: String(got), wanted: `a documented status: ${wanted}` };
}
