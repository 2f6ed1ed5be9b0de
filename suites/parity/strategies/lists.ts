import type { Operation } from "../../../openapi/model/index.ts";
import type { Thing } from "../generate/world.ts";
import { pagingOf } from "../model/paging.ts";
import type { Player } from "./player.ts";

/** A list with something in it, read page by page in small steps, by each filter, while it grows. */
export async function lists(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  const ids = env.ids.get(operation.id);
  await player.prepare(operation);
  const writers = env.operations.filter((each) => {
    const own = env.ids.get(each.id);
    return own?.safe === false && ids?.collection !== undefined && own.creates === ids.collection;
  });
  // One list has to fill: that of whatever has one of them. What draws on something limited, such as a payment, takes
  // little of it each time.
  const kinds = [...(ids?.path.values() ?? [])];
  const modest = kinds.length > 0;
  const first = ids?.collection === undefined ? undefined : await player.make(ids.collection, { modest });
  const owners = kinds.flatMap(
    (kind) => world.of(kind).find((each) => isNamed(each, first)) ?? world.of(kind).slice(-1),
  );
  const about = new Map(owners.map((owner) => [owner.kind, owner]));
  // More than the shortest page that somebody might have thought of.
  const count = 5 + random.below(2);
  let refused = 0;
  for (
    let n = 0;
    n < count && refused < 2 && ids?.collection !== undefined && !player.sequence.differs;
    n++
  ) {
    const before = world.of(ids.collection).length;
    await player.make(ids.collection, { about, modest });
    if (world.of(ids.collection).length === before) refused += 1;
  }
  // Nothing puts things into this list directly: it tells what has happened.
  if (writers.length === 0) await happen(player, operation);
  // In other states too, so that filters have something to tell apart.
  const movers = env.operations.filter((each) => {
    const own = env.ids.get(each.id);
    return own?.safe === false && own.subject !== undefined && own.subject === ids?.collection;
  });
  for (const mover of random.shuffled(movers).slice(0, 2)) {
    const thing = random.pick(world.of(ids?.collection ?? ""));
    if (thing !== undefined) await player.call(mover, { about: new Map([[thing.kind, thing]]) });
  }
  await player.send(
    ...player.bounds(operation),
    ...player.bounds(operation),
    ...player.filters(operation, about).slice(0, 6),
  );
  if (pagingOf(env.model, operation) !== undefined && !player.sequence.differs) {
    await player.page(operation, 2 + random.below(2), { about });
    const [filter] = player.filters(operation, about);
    await player.page(operation, 1 + random.below(2), {
      about,
      ...(filter !== undefined && { filter: filter.query }),
      between: async () => {
        if (writers.length > 0 && ids?.collection !== undefined)
          await player.make(ids.collection, { about, modest });
      },
    });
  }
  await player.audit(4);
}

/** Whether a thing was made under another one's path. */
function isNamed({ ref }: Thing, made: Thing | undefined): boolean {
  return Object.values(made?.parents ?? {}).some((parent) => JSON.stringify(parent) === JSON.stringify(ref));
}

/** A few actions, whatever they do. */
async function happen(player: Player, list: Operation): Promise<void> {
  const { env, random } = player;
  const actions = env.operations.filter((each) => {
    const ids = env.ids.get(each.id);
    return (
      each.method === "POST" && ids?.subject !== undefined && ids.subject !== env.ids.get(list.id)?.subject
    );
  });
  for (const action of random.shuffled(actions).slice(0, 4)) {
    if (player.sequence.differs) return;
    await player.prepare(action);
    await player.call(action);
  }
}
