import type { PactFinding, PactPlan } from "../gates/evidence/index.ts";
import type { OperationModel } from "../openapi/model/index.ts";
import { operationOf } from "./pacts/operation.ts";
import { refusals } from "./pacts/refused.ts";
import type { Expectation } from "./pacts/types.ts";
import { unusedFields } from "./pacts/unused.ts";

/** What is known before any target is asked. */
export interface PreparedPacts {
  readonly model: OperationModel;
  readonly expectations: readonly Expectation[];
  readonly consumers: readonly string[];
  /** What must not be asked, by its place among the expectations. */
  readonly refused: ReadonlyMap<number, readonly PactFinding[]>;
  /** As it stands in `run.json`. */
  readonly recorded: PactPlan;
}

/** Holds the pacts to the documents and to the catalogue of states, and finds what nobody uses. */
export function planPacts(model: OperationModel, expectations: readonly Expectation[]): PreparedPacts {
  const interactions = expectations.map(({ consumer, version, interaction }) => {
    const operation = operationOf(model, interaction);
    return {
      consumer,
      ...(version !== undefined && { version }),
      interaction: interaction.description,
      ...(operation !== undefined && { operation }),
    };
  });
  return {
    model,
    expectations,
    consumers: [...new Set(expectations.map(({ consumer }) => consumer))],
    refused: refusals(model, expectations),
    recorded: { interactions, unused: unusedFields(model, expectations) },
  };
}
