import type {
  ContractPlan,
  ContractResult,
  GateOutcome,
  GateSpec,
  RunRecord,
  RunTarget,
} from "../evidence/index.ts";
import { plural, some } from "../format.ts";
import { findStage, type GateKind, lostLines, type Obstacle, outcomeOf, stageObstacle } from "./kind.ts";

/** Every planned contract test has one result on each target, all held, and every documented cell was seen. */
export const contracts: GateKind = {
  name: "contracts",
  targets,
  judge(record, spec) {
    const judged = targets(record, spec).map((target) => target.name);
    const results = record.contracts.filter((result) => judged.includes(result.target));
    const broken = results.filter((result) => result.outcome === "broken");
    const counts = {
      unit: "results",
      estimate: results.filter((result) => result.outcome === "held").length,
      n: results.length,
      x: broken.length,
      limit: (record.file.contractPlan?.cases.length ?? 0) * judged.length,
    } as const;
    const outcome = (kind: GateOutcome["kind"], reason: string): GateOutcome => ({
      ...outcomeOf(spec, spec.target),
      ...counts,
      kind,
      reason,
    });

    const lost = lostLines(record, "contracts");
    if (lost) return outcome(lost.kind, lost.reason);
    // A broken promise is proven by one reply: nothing that is missing elsewhere can mend it.
    if (broken.length > 0) {
      const names = some(broken.map((result) => `${result.id} ${result.operationId} on ${result.target}`));
      return outcome(
        "fail",
        `${plural(broken.length, "contract result is", "contract results are")} broken: ${names}.`,
      );
    }
    const obstacle =
      missingTarget(record, spec) ?? firstOf(judged, (name) => incomplete(record, spec, name, results));
    if (obstacle) return outcome(obstacle.kind, obstacle.reason);
    const cells = record.file.contractPlan?.cells.length ?? 0;
    const each = judged.length > 1 ? ` (${results.length / judged.length} on each target)` : "";
    return outcome(
      "pass",
      `${results.length} of ${results.length} contract results held${each}; ${plural(cells, "documented cell")} exercised or exempt.`,
    );
  },
};

/** The target named by the gate, else all. */
export function targets(record: RunRecord, spec: GateSpec): readonly RunTarget[] {
  return record.file.targets.filter((target) => spec.target === undefined || target.name === spec.target);
}

/** Without a target named, it takes both: a promise kept on one side only proves nothing about the shift. */
export function missingTarget(record: RunRecord, spec: GateSpec): Obstacle | undefined {
  const roles = new Set(targets(record, spec).map((target) => target.role));
  if (spec.target !== undefined) {
    return roles.size === 0
      ? { kind: "absent", reason: `The target ${spec.target} was not part of this run.` }
      : undefined;
  }
  const missing = (["baseline", "candidate"] as const).find((role) => !roles.has(role));
  return missing ? { kind: "absent", reason: `No ${missing} was part of this run.` } : undefined;
}

function incomplete(
  record: RunRecord,
  spec: GateSpec,
  target: string,
  all: readonly ContractResult[],
): Obstacle | undefined {
  const results = all.filter((result) => result.target === target);
  const obstacle = stageObstacle(findStage(record, "contracts", target), "contracts", target, results.length);
  if (obstacle) return obstacle;
  const invalid = (reason: string): Obstacle => ({ kind: "invalid", reason });
  const plan = record.file.contractPlan;
  if (!plan) return invalid("The plan of the contract tests was not recorded.");
  if (spec.cases !== undefined && plan.cases.length !== spec.cases) {
    return invalid(`${plan.cases.length} contract tests were planned, but the gate asks for ${spec.cases}.`);
  }
  const open = results.find((result) => result.outcome !== "held");
  if (open) {
    const how = open.outcome === "skipped" ? "was skipped" : "could not reach its target";
    return invalid(
      `${open.id} ${open.operationId} on ${target} ${how}: ${open.reason ?? "no reason given"}.`,
    );
  }
  const ids = results.map((result) => result.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) return invalid(`${some(twice)} on ${target} has more than one result.`);
  const missing = plan.cases.filter((planned) => !ids.includes(planned.id)).map((planned) => planned.id);
  if (missing.length > 0) return invalid(`${some(missing)} on ${target} has no result.`);
  const unseen = unseenCells(plan, results);
  if (unseen.length === 0) return undefined;
  return invalid(
    `${plural(unseen.length, "documented cell was", "documented cells were")} never exercised on ${target}: ${some(unseen)}.`,
  );
}

/** Documented cells, not exempt, that none of `results` saw. */
export function unseenCells(plan: ContractPlan, results: readonly ContractResult[]): readonly string[] {
  const seen = new Set(results.flatMap((result) => result.cells));
  const exempt = new Set(plan.exempt.map((exemption) => exemption.cell));
  return plan.cells.filter((cell) => !seen.has(cell) && !exempt.has(cell));
}

function firstOf<T>(names: readonly string[], check: (name: string) => T | undefined): T | undefined {
  for (const name of names) {
    const found = check(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
