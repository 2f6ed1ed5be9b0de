import type { Operation } from "../../../openapi/model/index.ts";
import type { Step, Who } from "../engine/step.ts";
import { requestFor } from "../generate/request.ts";
import type { Player } from "./player.ts";

/** What one account has, asked for by others: another account, nobody, and the owner spelled otherwise. */
export async function strangers(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  const kind = env.ids.get(operation.id)?.creates;
  if (kind === undefined) return;
  const thing = await player.make(kind);
  if (thing === undefined) return;
  const about = new Map([[kind, thing]]);
  const near = env.operations.filter((each) => {
    const ids = env.ids.get(each.id);
    return (
      each.security.length > 0 &&
      (ids?.collection === kind ||
        [...(ids?.path.values() ?? []), ...(ids?.body.values() ?? [])].includes(kind))
    );
  });
  const asked = (who: Who, some: readonly Operation[]): readonly Step[] =>
    some.flatMap((each) => requestFor(world, random, each, { about, bare: true, who }) ?? []);
  const reads = near.filter(({ id }) => env.ids.get(id)?.safe === true);
  const writes = near.filter(({ id }) => env.ids.get(id)?.safe === false);
  await player.send(...asked("stranger", reads), ...asked("respelled", reads));
  await player.send(...asked("stranger", random.shuffled(writes).slice(0, 5)));
  await player.send(...asked("nobody", random.shuffled(near).slice(0, 2)));
  // Whoever has a thing of the same kind has it alone: both have one now.
  const [theirs] = await player.send(...asked("stranger", [operation]));
  if (theirs !== undefined) await player.send(...asked("stranger", reads), ...asked("owner", reads));
  await player.audit(4);
}
