import { UsageError } from "../../gates/exit.ts";
import { some } from "../../gates/format.ts";
import type { Expectation } from "./types.ts";

/** What the user asked for; nothing means all. */
export interface Selection {
  readonly consumers?: readonly string[];
  /** Names of provider states. */
  readonly states?: readonly string[];
}

/** The expectations asked for. @throws UsageError for a name that no pact has */
export function select(
  all: readonly Expectation[],
  { consumers, states }: Selection,
): readonly Expectation[] {
  const statesOf = ({ interaction }: Expectation): readonly string[] =>
    (interaction.providerStates ?? []).map(({ name }) => name);
  requireKnown(
    "--consumer",
    consumers,
    all.map(({ consumer }) => consumer),
  );
  requireKnown("--state", states, all.flatMap(statesOf));
  const chosen = all.filter(
    (one) =>
      (consumers === undefined || consumers.includes(one.consumer)) &&
      (states === undefined || statesOf(one).some((name) => states.includes(name))),
  );
  if (chosen.length > 0) return chosen;
  throw new UsageError({
    what: "No interaction was chosen.",
    where: "--consumer and --state",
    got: [...(consumers ?? []), ...(states ?? [])].join(", "),
    wanted: "a consumer that has an interaction in that state",
  });
}

function requireKnown(flag: string, wanted: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError({
    what: "No pact has this.",
    where: flag,
    got: unknown,
    wanted: some([...new Set(known)].sort(), 40),
  });
}
