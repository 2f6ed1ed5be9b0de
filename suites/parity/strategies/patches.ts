import { type LocatedSchema, type Operation, resolveSchema } from "../../../openapi/model/index.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { memberNames, memberSchema } from "../../../openapi/mutate/places.ts";
import { requestFor, withGiven } from "../generate/request.ts";
import type { Template } from "../generate/template.ts";
import { trapOf, valueFor } from "../generate/values.ts";
import type { Player } from "./player.ts";

/** Updates of each member alone, nested ones too; `null` where it may be; nothing at all; and the same again. */
export async function patches(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  const media = operation.requestBody?.media.find(({ type }) => /[/+]json/.test(type));
  const schema = media?.schema;
  // First everything that can be there, so that there is something to merge into.
  await player.observe(await player.call(operation, { taste: { edge: 0.1, optional: 1 } }), 2);
  if (media === undefined || schema === undefined) return player.audit(6);
  const bodies =
    operation.method === "PATCH" ? partial(schema) : random.shuffled(whole(player, operation)).slice(0, 6);
  for (const body of [...bodies, ...(operation.method === "PATCH" ? [{}] : [])]) {
    if (player.sequence.differs) break;
    const made = requestFor(world, random, operation, { taste: { edge: 0, optional: 0 } });
    if (made === undefined) break;
    const [ran] = await player.send({ ...made, body, contentType: media.type });
    await player.observe(ran, 2);
    if (ran !== undefined && random.chance(0.3)) {
      const same = requestFor(world, random, operation, { taste: { edge: 0, optional: 0 } });
      if (same !== undefined)
        await player.observe((await player.send({ ...same, body, contentType: media.type }))[0], 1);
    }
  }
  // Without its guard, where it has one.
  const bare = requestFor(world, random, operation, { taste: { edge: 0, optional: 0 } });
  if (bare !== undefined && Object.keys(bare.headers).length > 0 && !player.sequence.differs)
    await player.observe((await player.send({ ...bare, headers: {} }))[0], 1);
  // A guard that has gone stale: the first ETag, after all these changes, with a body that nothing is wrong with.
  const stale = player.sequence.ran.find(
    ({ step, replies: [reply] }) =>
      step.operation === operation.id &&
      reply.status < 300 &&
      Object.keys(step.headers).some((name) => /^if-match$/i.test(name)),
  );
  if (stale !== undefined)
    await player.observe((await player.send({ ...stale.step, id: world.nextId() }))[0], 2);
  // And once more in every other state, where two objections apply.
  const subject = env.ids.get(operation.id)?.subject;
  const movers = env.operations.filter((each) => {
    const ids = env.ids.get(each.id);
    return (
      each.method === "POST" && subject !== undefined && ids?.subject === subject && ids.creates === undefined
    );
  });
  for (const mover of random.shuffled(movers)) {
    if (stale === undefined || player.sequence.differs) break;
    await player.call(mover);
    await player.send({ ...stale.step, id: world.nextId() });
  }
  await player.audit(6);

  function whole(own: Player, put: Operation): Template[] {
    return Array.from(
      { length: 4 },
      (_, n) => requestFor(own.world, random, put, { taste: { edge: 0.4, optional: n % 2 } })?.body,
    ).filter((body) => body !== undefined);
  }

  /** What is most often merged wrongly comes first: parts of parts, while all are there, and removals; then each member. */
  function partial(of: LocatedSchema): Template[] {
    const tidied: Template[] = [];
    const parts: Template[] = [];
    const removals: Template[] = [];
    const plain: Template[] = [];
    for (const name of memberNames(env.model, of, "")) {
      const member = memberSchema(env.model, of, "", name);
      if (member === undefined) continue;
      plain.push({ [name]: value(member, name) });
      const trap = trapOf(env.model, member);
      if (trap !== undefined) tidied.push({ [name]: trap });
      (takesNull(member) ? removals : plain).push({ [name]: null });
      for (const nested of memberNames(env.model, member, "")) {
        const deep = memberSchema(env.model, member, "", nested);
        if (deep === undefined) continue;
        parts.push({ [name]: { [nested]: value(deep, nested) } });
        if (takesNull(deep)) parts.push({ [name]: { [nested]: null } });
      }
    }
    const documented = (media?.examples ?? []).map((example) =>
      withGiven(env.userFile, example.value as Template),
    );
    return [
      ...random.shuffled(tidied).slice(0, 2),
      ...random.shuffled(parts).slice(0, 4),
      ...random.shuffled(removals).slice(0, 2),
      ...random.shuffled([...plain, ...documented]).slice(0, 5),
    ];
  }

  function takesNull(member: LocatedSchema): boolean {
    const raw = resolveSchema(env.model, member).value;
    return isRecord(raw) && [raw.type].flat().includes("null");
  }

  function value(of: LocatedSchema, name: string): Template {
    const given = (inner: string): Template | undefined =>
      random.pick(env.userFile.values?.[inner] ?? []) as Template | undefined;
    return (
      given(name) ?? valueFor(env.model, of, random, { edge: 0.4, optional: 0.6 }, (_, inner) => given(inner))
    );
  }
}
