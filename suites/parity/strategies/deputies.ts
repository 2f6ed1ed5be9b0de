import type { Operation } from "../../../openapi/model/index.ts";
import { requestFor } from "../generate/request.ts";
import type { Player } from "./player.ts";

/** Whoever was given credentials with some rights tries everything; then they are taken back. */
export async function deputies(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  // There has to be something of each kind that the deputy can lay hands on.
  const kinds = new Set([...env.ids.values()].flatMap(({ path }) => [...path.values()]));
  for (const kind of kinds) if (world.of(kind).length === 0) await player.make(kind);
  await player.prepare(operation);
  // Rights are mostly an optional list, without which there are all of them.
  await player.call(operation, { taste: { edge: 0, optional: 1 } });
  const who = world.issued.at(-1);
  if (who === undefined) return;
  const kind = env.ids.get(operation.id)?.creates;
  const guarded = env.operations.filter(({ security }) => security.length > 0);
  const tries = guarded.filter(({ id, method }) => method !== "DELETE" || env.ids.get(id)?.item !== kind);
  for (const each of random.shuffled(tries)) {
    if (player.sequence.differs) return;
    await player.send(requestFor(world, random, each, { bare: true, who }));
  }
  const removal = env.operations.find(
    ({ id, method }) => method === "DELETE" && kind !== undefined && env.ids.get(id)?.item === kind,
  );
  const thing = world.of(kind ?? "").at(-1);
  const reads = guarded.filter(({ id }) => env.ids.get(id)?.safe === true);
  const asked = reads.flatMap((each) => requestFor(world, random, each, { bare: true, who }) ?? []);
  if (removal !== undefined && thing !== undefined)
    await player.call(removal, { about: new Map([[thing.kind, thing]]) });
  await player.send(...asked);
}
