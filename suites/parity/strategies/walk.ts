import type { Operation } from "../../../openapi/model/index.ts";
import { TYPICAL } from "../generate/values.ts";
import type { Player } from "./player.ts";

/** Brings an operation about, then whatever else may happen to what it touched, reading back after each. */
export async function walk(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  await player.observe(await player.call(operation), 4);
  const more = 2 + random.below(4);
  for (let n = 0; n < more && !player.sequence.differs; n++) {
    const next = random.pick(
      env.operations.filter((each) => {
        const ids = env.ids.get(each.id);
        if (ids === undefined || ids.safe) return false;
        const takes = [...ids.path.values(), ...ids.body.values()];
        return takes.length > 0 && takes.every((kind) => world.of(kind).length > 0);
      }),
    );
    await player.observe(
      await player.call(next ?? operation, {
        taste: random.chance(0.3) ? { edge: 0.8, optional: 0.6 } : TYPICAL,
      }),
      3,
    );
  }
  await player.audit();
}
