import { responseFor } from "../../../openapi/model/index.ts";
import type { Environment } from "./environment.ts";
import type { Sequence } from "./sequence.ts";

/** What was seen of one operation: replies by status on each side, parameters that were sent. */
export interface OperationCoverage {
  readonly operation: string;
  readonly baseline: Readonly<Record<string, number>>;
  readonly candidate: Readonly<Record<string, number>>;
  /** Documented statuses that neither side answered. */
  readonly unseen: readonly string[];
  /** Each parameter, and in how many requests it was. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Why it was not called, or never succeeded. */
  readonly why?: string;
}

/** Counts replies and parameters; never more than one number for each cell. */
export class Coverage {
  readonly #seen = new Map<
    string,
    { baseline: Map<string, number>; candidate: Map<string, number>; parameters: Map<string, number> }
  >();

  add(sequence: Sequence): void {
    for (const { step, replies } of sequence.ran) {
      const own = this.#seen.get(step.operation) ?? {
        baseline: new Map(),
        candidate: new Map(),
        parameters: new Map(),
      };
      this.#seen.set(step.operation, own);
      count(own.baseline, String(replies[0].status || "none"));
      count(own.candidate, String(replies[2].status || "none"));
      for (const name of [
        ...Object.keys(step.path),
        ...Object.keys(step.query),
        ...Object.keys(step.headers),
      ])
        count(own.parameters, name);
    }
  }

  table(
    env: Environment,
    unreached: ReadonlyMap<string, string>,
    omitted: Readonly<Record<string, string>>,
  ): readonly OperationCoverage[] {
    return env.model.operations.map((operation) => {
      const own = this.#seen.get(operation.id);
      const seen = new Set([...(own?.baseline.keys() ?? []), ...(own?.candidate.keys() ?? [])]);
      const met = new Set(
        [...seen].flatMap((status) => responseFor(operation, Number(status))?.status ?? []),
      );
      const why =
        omitted[operation.id] ??
        (unreached.has(operation.id)
          ? `never succeeded while scouting: ${unreached.get(operation.id)}`
          : undefined);
      return {
        operation: operation.id,
        baseline: Object.fromEntries(own?.baseline ?? []),
        candidate: Object.fromEntries(own?.candidate ?? []),
        unseen: operation.responses
          .map(({ status }) => status)
          .filter((status) => !met.has(status) && !/^(429|5)/.test(status)),
        parameters: Object.fromEntries(
          operation.parameters.map(({ name }) => [name, own?.parameters.get(name) ?? 0]),
        ),
        ...(why !== undefined && { why }),
      };
    });
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
