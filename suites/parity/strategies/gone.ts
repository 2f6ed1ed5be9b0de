import { type Operation, operationById } from "../../../openapi/model/index.ts";
import type { Step } from "../engine/step.ts";
import { aimAt } from "../generate/aim.ts";
import { rekeyed, requestFor } from "../generate/request.ts";
import type { Player } from "./player.ts";
import { mixed } from "./repeats.ts";

/** Use after deletion: every read, every write, the deletion again, a new one in its place. */
export async function gone(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  const kind = env.ids.get(operation.id)?.item;
  const thing = kind === undefined ? undefined : (world.of(kind).at(-1) ?? (await player.make(kind)));
  if (thing === undefined) return;
  const keeper = await player.make(thing.kind);
  const reads = player.readsOf(thing);
  await player.send(...reads.slice(0, 4));
  // What sums things up has to know that one is gone: the same questions before and after.
  const sums = env.operations.flatMap((each): readonly Step[] => {
    const ids = env.ids.get(each.id);
    if (
      ids?.safe !== true ||
      ids.item !== undefined ||
      ids.subject === thing.kind ||
      each.parameters.every((one) => one.in !== "query" || !one.required)
    )
      return [];
    return [0, 1, 2].flatMap(() => requestFor(world, random, each, { aim: aimAt(world, thing) }) ?? []);
  });
  await player.send(...sums);
  const about = new Map([[thing.kind, thing]]);
  const later = env.operations.flatMap((each): readonly Step[] => {
    const ids = env.ids.get(each.id);
    if (ids?.safe !== false || each.id === operation.id || ids.creates === thing.kind) return [];
    if (ids.subject !== thing.kind && ![...ids.body.values()].includes(thing.kind)) return [];
    const step = requestFor(world, random, each, { about });
    return step === undefined ? [] : [step];
  });
  const origin = (thing.ref as { readonly step?: number }).step;
  const creator = player.sequence.ran.find(({ step }) => step.id === origin)?.step;
  // Something that hangs on it, which must not be left dangling.
  const dependent = random.pick(later);
  if (dependent !== undefined && random.chance(0.5)) await player.send({ ...dependent, id: world.nextId() });
  await player.call(operation, { about });
  await player.send(...[...reads, ...sums].map((step) => ({ ...step, id: world.nextId() })));
  for (const step of random.shuffled(later).slice(0, 3)) await player.send({ ...step, id: world.nextId() });
  const [deletion] = player.sequence.ran.filter(({ step }) => step.operation === operation.id).slice(-1);
  if (deletion !== undefined) await player.send({ ...deletion.step, id: world.nextId() });
  // The same once more, as a retry; then, as a request of its own, something else under the names it has left.
  if (creator !== undefined && !player.sequence.differs) {
    await player.observe((await player.send({ ...creator, id: world.nextId() }))[0], 2);
    const other = requestFor(world, random, operationById(env.model, creator.operation));
    if (other?.body !== undefined)
      await player.observe((await player.send(rekeyed(mixed(creator, other, world.nextId()), world)))[0], 2);
  }
  if (keeper !== undefined) await player.send(...player.readsOf(keeper).slice(0, 3));
  await player.audit(8);
}
