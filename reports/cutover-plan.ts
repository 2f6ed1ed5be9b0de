import type { RunRecord } from "../gates/evidence/index.ts";

/** Fewer compared requests than this say nothing about a route. */
export const LEAST_COMPARED = 10;

/** Whether traffic of one operation may be shifted, and what speaks for it. */
export interface Route {
  readonly operation: string;
  /** Everything that was asked of it holds. */
  readonly ready: boolean;
  /** Of the contract tests on all targets. */
  readonly contract: "held" | "broken" | "not measured";
  /** Requests that both systems answered and that were compared. */
  readonly compared: number;
  /** Findings that nobody has accepted, of this operation or on the way to one. */
  readonly differences: number;
  /** Why it is not ready. */
  readonly why: readonly string[];
}

export interface CutoverPlan {
  readonly runId: string;
  readonly routes: readonly Route[];
}

/** Which routes have earned a shift and which have not: what was not measured counts against a route. */
export function cutoverPlan(record: RunRecord): CutoverPlan {
  const compared = new Map<string, number>();
  for (const { replies } of record.parity)
    for (const [key, count] of Object.entries(replies)) {
      const operation = key.replace(/ \d+ \d+$/, "");
      compared.set(operation, (compared.get(operation) ?? 0) + count);
    }
  const open = record.parityFindings.filter(({ accepted }) => accepted === undefined);
  const planned = (record.file.contractPlan?.cases ?? []).map(({ operationId }) => operationId);
  const operations = [...new Set([...planned, ...compared.keys()])];
  const targets = record.file.targets.map(({ name }) => name);
  const routes = operations.map((operation): Route => {
    const results = record.contracts.filter((result) => result.operationId === operation);
    const whole = targets.every((target) => results.some((result) => result.target === target));
    const contract = results.some(({ outcome }) => outcome === "broken")
      ? "broken"
      : whole && results.every(({ outcome }) => outcome === "held")
        ? "held"
        : "not measured";
    const count = compared.get(operation) ?? 0;
    const differences = open.filter(
      (finding) => finding.operation === operation || finding.steps.at(-1)?.operation === operation,
    ).length;
    const why = [
      ...(contract === "held" ? [] : [`its contract test is ${contract}`]),
      ...(count >= LEAST_COMPARED ? [] : [`only ${count} of ${LEAST_COMPARED} requests were compared`]),
      ...(differences === 0 ? [] : [`${differences} ${differences === 1 ? "difference" : "differences"}`]),
    ];
    return { operation, ready: why.length === 0, contract, compared: count, differences, why };
  });
  return { runId: record.file.runId, routes };
}
