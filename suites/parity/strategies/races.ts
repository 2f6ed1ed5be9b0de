import type { Operation } from "../../../openapi/model/index.ts";
import { rekeyed, requestFor } from "../generate/request.ts";
import type { Player } from "./player.ts";

/** The same request twice at the same moment: with one key, or with a key each. Who wins is chance, what is left is not. */
export async function races(player: Player, operation: Operation): Promise<void> {
  const { random, world } = player;
  await player.prepare(operation);
  const one = requestFor(world, random, operation);
  if (one === undefined) return;
  const other = random.chance(0.5) ? one : rekeyed(one, world);
  const [ran] = await player.send(one, { ...other, id: world.nextId(), together: true });
  await player.observe(ran, 4);
  await player.audit(14);
}
