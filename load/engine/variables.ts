import { randomFrom } from "../random.ts";
import { type Payload, payloadOf } from "../scenario/payload.ts";
import type { Variables } from "../scenario/template.ts";
import type { Scenario } from "../scenario/types.ts";

interface Facts {
  readonly seed: number;
  readonly runId: string;
  readonly target: { readonly url: string };
}

/** The variables each user begins with: the same for the same seed, whichever worker runs the user. */
export function variablesOf(
  scenario: Scenario,
  payloads: readonly Payload[],
  { seed, runId, target }: Facts,
): (user: number) => Variables {
  const lists = Object.entries(scenario.variables);
  const common = { runId, seed, target: target.url };
  if (lists.length + payloads.length === 0) return (user) => ({ ...common, user });
  return (user) => {
    // A generator of its own for each user, because users are dealt out to workers and come in any order.
    const random = randomFrom(seed + Math.imul(user, 0x9e37_79b9));
    const chosen = lists.map(([name, values]) => [name, values[Math.floor(random() * values.length)]]);
    return { ...common, user, ...Object.fromEntries(chosen), ...payloadOf(payloads, user, random) };
  };
}
