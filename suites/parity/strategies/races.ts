import type { Operation } from "../../../openapi/model/index.ts";
import { requestFor, uniqueKey } from "../generate/request.ts";
import type { Player } from "./player.ts";

/** The same request twice at the same moment: with one key, or with a key each. Who wins is chance, what is left is not. */
export async function races(player: Player, operation: Operation): Promise<void> {
  const { random, world } = player;
  await player.prepare(operation);
  const one = requestFor(world, random, operation);
  if (one === undefined) return;
  const key = Object.keys(one.headers).find((name) => /idempoten/i.test(name));
  const headers =
    key === undefined || random.chance(0.5)
      ? one.headers
      : { ...one.headers, [key]: uniqueKey(world, undefined) };
  const [ran] = await player.send(one, { ...one, id: world.nextId(), headers, together: true });
  await player.observe(ran, 4);
  await player.audit(14);
}
