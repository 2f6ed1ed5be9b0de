import type { Operation, OperationModel, Response } from "./types.ts";

/** One documented answer of one operation. */
export interface Cell {
  readonly operation: string;
  readonly context: string;
  /** As documented: `201`, or a range such as `4XX`, or `default`. */
  readonly status: string;
}

/** The gateway's answers, which no test can order: documented, exempt from coverage. */
const EXEMPT = /^(429|5..|5XX)$/;

/** Every operation × documented status that a suite has to have seen. */
export function cells(model: OperationModel): readonly Cell[] {
  return model.operations.flatMap((operation) =>
    operation.responses
      .filter((response) => !EXEMPT.test(response.status))
      .map((response) => ({ operation: operation.id, context: operation.context, status: response.status })),
  );
}

/** The documented response for a status: exact, then its range, then `default` (OpenAPI 3.1, 4.8.16). */
export function responseFor(operation: Operation, status: number): Response | undefined {
  const wanted = [String(status), `${Math.floor(status / 100)}XX`, "default"];
  for (const key of wanted) {
    const found = operation.responses.find((response) => response.status === key);
    if (found !== undefined) return found;
  }
  return undefined;
}
