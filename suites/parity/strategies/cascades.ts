import type { Operation } from "../../../openapi/model/index.ts";
import type { Environment } from "../engine/environment.ts";
import type { Player } from "./player.ts";

/** What else hangs on the parents of the operation's subject: operations that make something for the same parent. */
export function siblingsOf(env: Environment, operation: Operation): readonly Operation[] {
  const kind = env.ids.get(operation.id)?.subject;
  if (kind === undefined) return [];
  const creators = env.operations.filter(({ id }) => env.ids.get(id)?.creates === kind);
  const parents = new Set(creators.flatMap(({ id }) => [...(env.ids.get(id)?.body.values() ?? [])]));
  return env.operations.filter(({ id }) => {
    const ids = env.ids.get(id);
    return (
      ids?.creates !== undefined &&
      ids.creates !== kind &&
      [...ids.body.values()].some((parent) => parents.has(parent))
    );
  });
}

/** A thing goes from state to state while others hang on its parent: whether they are claimed, counted and let go. */
export async function cascades(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  const kind = env.ids.get(operation.id)?.subject ?? "";
  await player.make(kind);
  const siblings = siblingsOf(env, operation);
  for (let n = 0; n < 4 && !player.sequence.differs; n++) {
    const sibling = random.pick(siblings);
    if (sibling !== undefined) await player.bring(sibling);
  }
  // A thing of its own for what has just been made.
  const thing = await player.make(kind);
  if (thing === undefined) return;
  const movers = env.operations.filter((each) => {
    const ids = env.ids.get(each.id);
    return (
      ids?.safe === false && ids.subject === kind && each.id !== operation.id && each.method !== "DELETE"
    );
  });
  for (const mover of [...random.shuffled(movers).slice(0, 3), operation]) {
    if (player.sequence.differs) return;
    await player.observe(await player.call(mover, { about: new Map([[kind, thing]]) }), 2);
  }
  const made = new Set(siblings.map(({ id }) => env.ids.get(id)?.creates));
  for (const each of world.things.filter((one) => made.has(one.kind)).slice(-3))
    await player.send(...player.readsOf(each).slice(0, 2));
  await player.audit(10);
}
