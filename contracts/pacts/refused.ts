import type { PactFinding } from "../../gates/evidence/index.ts";
import { issuesOf } from "../../gates/shape.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { stateOf } from "../states/catalogue.ts";
import { disallowed } from "./allowed.ts";
import type { Expectation, PactInteraction } from "./types.ts";

/**
 * What must not go to any target, by place: Pact would call it verified without having checked it, or the documents
 * do not allow it.
 */
export function refusals(
  model: OperationModel,
  expectations: readonly Expectation[],
): ReadonlyMap<number, readonly PactFinding[]> {
  return new Map(
    expectations.flatMap(({ interaction }, place) => {
      const found = [
        ...locallyPending(interaction),
        ...unknownStates(interaction),
        ...disallowed(model, interaction),
      ];
      return found.length === 0 ? [] : [[place, found] as const];
    }),
  );
}

function locallyPending({ pending }: PactInteraction): readonly PactFinding[] {
  if (pending !== true) return [];
  const message =
    "its consumer marked it as pending: Pact would pass it whatever the target answers (take .pending() away)";
  return [{ path: "pending", got: "true", expected: "false", message }];
}

/** States that have no handler, parameters that a handler does not take, values that it does not return. */
function unknownStates(interaction: PactInteraction): readonly PactFinding[] {
  const states = interaction.providerStates ?? [];
  const provided = new Set(["apiKey"]);
  const found: PactFinding[] = [];
  for (const { name, params = {} } of states) {
    const state = stateOf(name);
    if (state === undefined) {
      found.push({
        path: "provider state",
        got: name,
        expected: "a state of contracts/states/catalogue.ts",
        message: `the provider state “${name}” has no handler: Pact would go on without it`,
      });
      continue;
    }
    for (const value of state.provides) provided.add(value);
    const [issue] = issuesOf(state.params, params);
    if (issue === undefined) continue;
    const at = `parameters of “${name}”${issue.pointer}`;
    found.push({
      path: at,
      got: issue.got,
      expected: issue.wanted,
      message: `${at}: got ${issue.got}, wanted ${issue.wanted}`,
    });
  }
  if (states.length === 0 || found.length > 0) return found;
  for (const name of valuesAsked(interaction)) {
    if (provided.has(name)) continue;
    const message = `no provider state of it returns “${name}”: Pact would send the example instead`;
    found.push({ path: "provider state", got: name, expected: [...provided].join(", "), message });
  }
  return found;
}

/** The names in every `${…}` of the request's generators. */
function valuesAsked(interaction: PactInteraction): readonly string[] {
  if (interaction.type !== "Synchronous/HTTP") return [];
  const text = JSON.stringify(interaction.request.generators ?? {});
  return [...new Set([...text.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name ?? ""))];
}
