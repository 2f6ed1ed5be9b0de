import type { Operation } from "../../../openapi/model/index.ts";
import type { Step } from "../engine/step.ts";
import { keyOf, rekeyed, requestFor } from "../generate/request.ts";
import type { Player } from "./player.ts";

/**
 * The same request once more: with its key, with another body under its key, with a key of its own; its key with
 * another operation; and the same again with another thing.
 */
export async function repeats(player: Player, operation: Operation): Promise<void> {
  const { random, world } = player;
  await player.prepare(operation);
  const first = await player.call(operation);
  if (first === undefined) return;
  await player.observe(first, 2);
  const key = keyOf(first.step);
  const again = (changes: Partial<Step>): Step => ({ ...first.step, id: world.nextId(), ...changes });
  const other = requestFor(world, random, operation);
  const variants: readonly (() => Step | undefined)[] =
    key === undefined
      ? [
          () => again({}),
          () => (other?.body === undefined ? undefined : mixed(first.step, other, world.nextId())),
        ]
      : [
          () => again({}),
          () => (other?.body === undefined ? undefined : again({ body: other.body })),
          () => again({ headers: rekeyed(first.step, world).headers }),
          () =>
            other === undefined
              ? undefined
              : { ...other, headers: { ...other.headers, [key]: first.step.headers[key] as never } },
        ];
  const elsewhere = (): Step | undefined => {
    const keyed = player.env.operations.filter(
      (each) => each.id !== operation.id && each.parameters.some(({ name }) => name === key),
    );
    const [step] = random.shuffled(keyed).flatMap((each) => requestFor(world, random, each) ?? []);
    return step === undefined || key === undefined
      ? undefined
      : { ...step, headers: { ...step.headers, [key]: first.step.headers[key] as never } };
  };
  for (const variant of random.shuffled([...variants, elsewhere])) {
    if (player.sequence.differs) break;
    const [ran] = await player.send(variant());
    await player.observe(ran, 1);
  }
  // The first once more, after others have come between.
  const [last] = await player.send(again({}));
  await player.observe(last, 1);
  if (player.env.ids.get(operation.id)?.subject !== undefined && !player.sequence.differs) {
    await player.prepare(operation);
    await player.observe(await player.call(operation), 2);
  }
  await player.audit(8);
}

/** The client's own names of the first, all else of the other: the same thing told differently. */
export function mixed(first: Step, other: Step, id: number): Step {
  if (first.body === null || typeof first.body !== "object" || Array.isArray(first.body))
    return { ...other, id };
  const named = Object.entries(first.body).filter(([name]) => /id$|key|code|email|name/i.test(name));
  return { ...first, id, body: { ...(other.body as object), ...Object.fromEntries(named) } as never };
}
