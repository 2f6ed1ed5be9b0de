import { createClient, httpTransport, type Transport } from "../../openapi/client/index.ts";
import type { operations } from "../../openapi/generated/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import type { Expectation } from "../pacts/types.ts";
import { stateOf, type Values } from "../states/catalogue.ts";
import type { Receiver } from "../states/receiver.ts";
import { World } from "../states/world.ts";
import type { PactTarget } from "./job.ts";

/** The states of one expectation, set up: what each returned, or why it could not be. */
export interface Prepared {
  readonly values: readonly Values[];
  readonly world: World;
  readonly failure?: string;
}

/**
 * Sets up the states of all expectations, as many at once as the target takes; what only waits (a workflow, a
 * delivery) does so beside the others. Expectations that change nothing share a world with others of the same
 * states; all others have one of their own.
 */
export async function prepareAll(
  expectations: readonly Expectation[],
  target: PactTarget,
  model: OperationModel,
  receiver: Receiver,
): Promise<readonly Prepared[]> {
  const transport = limited(httpTransport(target.url, 20_000), target.atOnce ?? 4);
  const api = createClient<operations>({
    baseUrl: target.url,
    model,
    transport,
    trusting: true,
    ...(target.headers && { headers: target.headers }),
  });
  const shared = new Map<string, Promise<Prepared>>();
  try {
    return await Promise.all(
      expectations.map((expectation) => {
        const key = isSafe(expectation) ? JSON.stringify(expectation.interaction.providerStates ?? []) : "";
        const known = key === "" ? undefined : shared.get(key);
        const prepared = known ?? prepare(expectation, new World(api, receiver));
        if (key !== "") shared.set(key, prepared);
        return prepared;
      }),
    );
  } finally {
    transport.close();
  }
}

function isSafe({ interaction }: Expectation): boolean {
  return interaction.type === "Asynchronous/Messages" || interaction.request.method === "GET";
}

async function prepare({ interaction }: Expectation, world: World): Promise<Prepared> {
  const values: Values[] = [];
  for (const { name, params = {} } of interaction.providerStates ?? []) {
    const state = stateOf(name);
    if (state === undefined) return { values, world, failure: `no handler for the provider state “${name}”` };
    try {
      const own = await state.setUp(world, params as never);
      values.push({ apiKey: (await world.account()).apiKey, ...own });
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      return { values, world, failure: `the provider state “${name}” could not be set up: ${said}` };
    }
  }
  return { values, world };
}

/** At most `count` requests in flight. */
function limited(inner: Transport, count: number): Transport {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    close: () => inner.close(),
    async send(request) {
      if (free > 0) free -= 1;
      else await new Promise<void>((go) => waiting.push(go));
      try {
        return await inner.send(request);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
