import type { Operation } from "../../../openapi/model/index.ts";
import type { Thing } from "../generate/world.ts";
import type { Player } from "./player.ts";

/** Share of values from the ends of what is allowed, as long as they are taken. */
const EDGE = 0.7;

/** The same operation again and again with values from the ends of what is allowed. */
export async function edges(player: Player, operation: Operation): Promise<void> {
  const { env, world } = player;
  const { safe, creates, subject } = env.ids.get(operation.id) ?? {};
  await player.prepare(operation);
  // A question about a thing is about what hangs on it: without that every answer is nought.
  const feeders = env.operations.filter(
    ({ id }) =>
      safe === true &&
      subject !== undefined &&
      env.ids.get(id)?.safe === false &&
      [...(env.ids.get(id)?.body.values() ?? [])].includes(subject),
  );
  const feed = async (): Promise<void> => {
    const about = new Map(
      world
        .of(subject ?? "")
        .slice(-1)
        .map((thing) => [thing.kind, thing] as const),
    );
    for (const feeder of player.random.shuffled(feeders).slice(0, 3))
      await player.call(feeder, { about, taste: { edge: 0.3, optional: 0.7 } });
  };
  await feed();
  // What creates nothing may well be a computation: its cases are many, and nothing is read back.
  const most = safe === true || creates === undefined ? 12 : 6;
  let edge = EDGE;
  for (let n = 0; n < most && !player.sequence.differs; n++) {
    // Another thing now and then: what is asked of it depends on what it is. The richest has most to get wrong.
    if (n > 0 && n % 3 === 0 && subject !== undefined) {
      await player.make(subject);
      await feed();
    }
    const thing = n % 2 === 1 ? richest(world.of(subject ?? "")) : undefined;
    const ran = await player.call(operation, {
      taste: { edge, optional: safe ? 1.2 : 0.7, extreme: 0.3 },
      ...(thing !== undefined && { about: new Map([[thing.kind, thing]]) }),
    });
    if (ran === undefined) return;
    // Refusals tell little after the first: what is met before gives values that are taken.
    edge = ran.replies[0].status < 400 ? EDGE : edge / 2;
    if (safe !== true && ran.replies[0].status < 300) await player.observe(ran, 2);
  }
  await player.audit(6);
}

function richest(things: readonly Thing[]): Thing | undefined {
  const size = ({ seen }: Thing): number => JSON.stringify(seen?.value ?? null).length;
  return things.toSorted((a, b) => size(b) - size(a))[0];
}
