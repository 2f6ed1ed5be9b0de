import type { Operation } from "../../../openapi/model/index.ts";
import { renumbered } from "../engine/scout.ts";
import type { Step } from "../engine/step.ts";
import { requestFor } from "../generate/request.ts";
import type { Player } from "./player.ts";

/** The same request by others: another account, nobody, and whoever was given credentials of their own. */
export async function strangers(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  const safe = env.ids.get(operation.id)?.safe === true;
  if (safe)
    for (const kind of [env.ids.get(operation.id)?.collection, env.ids.get(operation.id)?.item])
      if (kind !== undefined) await player.make(kind);
  const issuer = random.pick(
    (env.userFile.credentials ?? []).filter((each) => env.operations.some(({ id }) => id === each.operation)),
  );
  if (issuer !== undefined && random.chance(0.7)) {
    const recipe = player.recipes.get(issuer.operation)?.at(-1);
    const made = env.operations.find(({ id }) => id === issuer.operation);
    const request = made === undefined ? undefined : requestFor(world, random, made);
    const [ran] = await player.send(request);
    if (recipe !== undefined && (ran === undefined || ran.replies[0].status >= 300))
      await player.send(
        ...renumbered([recipe], world).filter(({ path }) => !JSON.stringify(path).includes('"step"')),
      );
  }
  const request = requestFor(world, random, operation);
  if (request === undefined) return;
  const as = (who: Step["who"]): Step => ({ ...request, id: world.nextId(), who });
  const deputy = world.issued.at(-1);
  for (const who of ["stranger", "nobody", "respelled", ...(deputy === undefined ? [] : [deputy])] as const)
    await player.send(as(who));
  // Whoever has only some rights tries what needs others.
  if (deputy !== undefined) {
    const others = random
      .shuffled(
        env.operations.filter(
          (each) => each.id !== operation.id && each.method !== "DELETE" && each.security.length > 0,
        ),
      )
      .slice(0, 7);
    for (const other of others)
      await player.send(requestFor(world, random, other, { bare: true, who: deputy }));
  }
  // What belongs to one account must not be in another one's lists.
  const reads = env.operations.filter(
    (each) => env.ids.get(each.id)?.safe === true && env.ids.get(each.id)?.subject === undefined,
  );
  await player.send(
    ...random
      .shuffled(reads)
      .slice(0, 4)
      .flatMap((each) => {
        const step = requestFor(world, random, each, { bare: true, who: "stranger" });
        return step === undefined ? [] : [step];
      }),
  );
  await player.observe((await player.send({ ...request, id: world.nextId() }))[0], 3);
  if (deputy !== undefined && !player.sequence.differs) {
    const removal = env.operations.find(
      (each) =>
        each.method === "DELETE" &&
        env.ids.get(each.id)?.item === env.ids.get(issuer?.operation ?? "")?.creates,
    );
    const thing = world.of(env.ids.get(issuer?.operation ?? "")?.creates ?? "").at(-1);
    if (removal !== undefined && thing !== undefined)
      await player.call(removal, { about: new Map([[thing.kind, thing]]) });
    await player.send(as(deputy));
  }
  await player.audit(8);
}
