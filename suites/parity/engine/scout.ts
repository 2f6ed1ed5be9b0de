import { type Operation, operationById } from "../../../openapi/model/index.ts";
import { requestFor } from "../generate/request.ts";
import { NONCE, resolveTemplate, type Symbolic, type Template } from "../generate/template.ts";
import { World } from "../generate/world.ts";
import type { Kind, OperationIds } from "../model/ids.ts";
import { Random } from "../random.ts";
import type { Environment } from "./environment.ts";
import { rest } from "./rest.ts";
import { Side, Unbound } from "./side.ts";
import type { Step } from "./step.ts";

/** How each operation is brought to succeed, as far as it was found: the steps before it, and itself. */
export type Recipes = ReadonlyMap<string, readonly Step[]>;

export interface Scouting {
  readonly recipes: Recipes;
  /** Operations that never succeeded, and what they answered last. */
  readonly unreached: ReadonlyMap<string, string>;
  readonly requests: number;
}

/** How many steps stray from the shortest way in each round: what already works needs none. */
const DETOURS = [0, 0, 0, 1, 0, 1, 1, 2, 0, 1, 2, 3, 1, 2, 3, 0, 1, 2, 3, 2];

/** With so few operations left, each is tried so often in a round. */
const FEW = 8;
const TRIES = 4;

/**
 * Tries, on the baseline alone, what has to come before each operation so that it succeeds: what creates the ids
 * it takes, then what changes their state. Everything later is built on it, and one seed gives one answer: a round
 * knows only what the rounds before it found.
 */
export async function scout(env: Environment, seed: number, deadline: number): Promise<Scouting> {
  let recipes = new Map<string, readonly Step[]>();
  const last = new Map<string, string>();
  let requests = 0;
  for (const [round, detours] of DETOURS.entries()) {
    const open = env.operations.filter(({ id }) => !recipes.has(id));
    if (open.length === 0) break;
    const found = new Map(recipes);
    // The fewer are left, the harder they are: they get more tries each.
    const tries = open.length <= FEW ? TRIES : 1;
    const walks = open.flatMap((operation) =>
      Array.from({ length: tries }, (_, n) => ({ operation, salt: `scout ${operation.id} ${round} ${n}` })),
    );
    await Promise.all(
      walks.map(async ({ operation, salt }) => {
        if (Date.now() > deadline || env.signal.aborted) return;
        const walk = new Walk(env, new Random(seed, salt), recipes, round < 10);
        await walk.open();
        const status = await walk.reach(operation, detours);
        requests += walk.sent;
        const known = found.get(operation.id);
        // Which of them ends first is chance, which is the shortest is not.
        if (walk.succeeded && (known === undefined || shorter(walk.recipe(), known)))
          found.set(operation.id, walk.recipe());
        else if (!walk.succeeded && status !== undefined) last.set(operation.id, status);
      }),
    );
    recipes = new Map(
      env.operations.flatMap(({ id }) => (found.has(id) ? [[id, found.get(id) as readonly Step[]]] : [])),
    );
  }
  const unreached = new Map(
    env.operations
      .filter(({ id }) => !recipes.has(id))
      .map(({ id }) => [id, last.get(id) ?? "nothing creates what it takes"]),
  );
  return { recipes, unreached, requests };
}

/** A total order, so that one seed gives one recipe. */
function shorter(one: readonly Step[], other: readonly Step[]): boolean {
  if (one.length !== other.length) return one.length < other.length;
  return JSON.stringify(one) < JSON.stringify(other);
}

/** The kinds of ids that an operation cannot do without. */
export function needs(env: Environment, operation: Operation): readonly Kind[] {
  const ids = env.ids.get(operation.id) as OperationIds;
  const query = operation.parameters
    .filter((parameter) => parameter.in === "query" && parameter.required)
    .map(({ name }) => ids.query.get(name));
  return [
    ...new Set([...ids.path.values(), ...query, ...ids.body.values()].filter((kind) => kind !== undefined)),
  ];
}

/** Operations that issue an id of a kind, and are known to succeed. */
export function creatorsOf(env: Environment, recipes: Recipes, kind: Kind): readonly Operation[] {
  return env.operations.filter(({ id }) => env.ids.get(id)?.creates === kind && recipes.has(id));
}

/** One attempt on the baseline. */
class Walk {
  readonly #env: Environment;
  readonly #random: Random;
  readonly #recipes: Recipes;
  readonly #side: Side;
  readonly #done: Step[] = [];
  readonly #patient: boolean;
  #world: World;
  succeeded = false;
  sent = 0;

  /** @param patient whether it is too early to try without what an operation takes */
  constructor(env: Environment, random: Random, recipes: Recipes, patient: boolean) {
    this.#patient = patient;
    this.#env = env;
    this.#random = random;
    this.#recipes = recipes;
    this.#side = new Side(env.baseline, env.userFile);
    this.#world = new World(env);
  }

  async open(): Promise<void> {
    await this.#side.open();
    this.#world = new World(this.#env, this.#side.owner.values);
  }

  recipe(): readonly Step[] {
    return this.#done;
  }

  /** @returns what it answered last; `undefined` when nothing is known that gives what it takes */
  async reach(operation: Operation, detours: number): Promise<string | undefined> {
    for (const kind of needs(this.#env, operation)) {
      if (this.#world.of(kind).length > 0) continue;
      const creator = this.#random.pick(creatorsOf(this.#env, this.#recipes, kind));
      if (creator === undefined) {
        // Something issues it, which has to be reached before.
        if (!isFreeKind(this.#env, kind) && this.#patient) return undefined;
        continue;
      }
      await this.#make(creator);
    }
    const needed = needs(this.#env, operation);
    for (let n = 0; n < detours; n++) {
      const actions = this.#env.operations.filter((each) => {
        const ids = this.#env.ids.get(each.id);
        return (
          each.id !== operation.id &&
          ids?.safe === false &&
          each.method !== "DELETE" &&
          ids.subject !== undefined &&
          this.#world.of(ids.subject).length > 0
        );
      });
      // What the operation takes is the likeliest to be in the wrong state.
      const near = actions.filter(({ id }) => needed.includes(this.#env.ids.get(id)?.subject ?? ""));
      await this.#try(this.#random.pick(near.length > 0 && this.#random.chance(0.8) ? near : actions));
    }
    const status = await this.#try(operation);
    if (status === undefined) return undefined;
    this.succeeded = status >= 200 && status < 300;
    return String(status);
  }

  /** Something of the creator's; one half of the time in another way than the recipe's, whose result may lead nowhere. */
  async #make(creator: Operation): Promise<void> {
    const recipe = this.#recipes.get(creator.id) ?? [];
    const fresh = this.#random.chance(0.5);
    await this.#replay(fresh ? recipe.slice(0, -1) : recipe);
    const status = fresh ? await this.#try(creator) : undefined;
    if (status !== undefined && status >= 300) await this.#replay(recipe);
  }

  async #try(operation: Operation | undefined): Promise<number | undefined> {
    if (operation === undefined) return undefined;
    const guard = guardRead(this.#env, this.#world, this.#random, operation);
    if (guard !== undefined) await this.#send(guard);
    const request = requestFor(this.#world, this.#random, operation, {
      taste: { edge: 0.05, optional: this.#random.chance(0.5) ? 0 : 0.5 },
    });
    return request === undefined ? undefined : this.#send(request);
  }

  async #replay(recipe: readonly Step[]): Promise<void> {
    // The recipe has its own waits.
    for (const step of renumbered(recipe, this.#world)) await this.#send(step, false);
  }

  /** @returns the status; `undefined` for what could not be sent, since a step that it rests on was refused this time */
  async #send(step: Step, wait = true): Promise<number | undefined> {
    const operation = operationById(this.#env.model, step.operation);
    const reply = await (step.settle
      ? rest(this.#env, this.#side, step, operation)
      : this.#side.send(step, operation)
    ).catch((error: unknown) => {
      if (error instanceof Unbound) return undefined;
      throw error;
    });
    if (reply === undefined) return undefined;
    this.sent += 1;
    this.#world.learn(step, reply, undefined);
    const good = reply.status >= 200 && reply.status < 300;
    if (good) this.#done.push(step);
    if (wait && good && (reply.status === 202 || reply.headers["retry-after"] !== undefined)) {
      const read = settling(this.#env, this.#world, this.#random, operation);
      if (read !== undefined) await this.#send(read);
    }
    return reply.status;
  }
}

function isFreeKind(env: Environment, kind: Kind): boolean {
  return ![...env.ids.values()].some(({ creates }) => creates === kind);
}

/** The read that tells when an asynchronous operation has come to rest. */
export function settling(
  env: Environment,
  world: World,
  random: Random,
  operation: Operation,
): Step | undefined {
  const ids = env.ids.get(operation.id);
  const kind = ids?.creates ?? ids?.subject;
  const read = env.operations.find(
    (each) =>
      env.ids.get(each.id)?.safe === true && env.ids.get(each.id)?.item === kind && kind !== undefined,
  );
  const request = read === undefined ? undefined : requestFor(world, random, read, { bare: true });
  return request === undefined ? undefined : { ...request, settle: true };
}

/** The read that gives the ETag which a guarded operation needs, where none was seen yet. */
export function guardRead(
  env: Environment,
  world: World,
  random: Random,
  operation: Operation,
): Step | undefined {
  const subject = env.ids.get(operation.id)?.subject;
  const guarded = operation.parameters.some(
    (parameter) => parameter.in === "header" && /^if-match$/i.test(parameter.name),
  );
  const thing = subject === undefined ? undefined : world.of(subject).at(-1);
  if (!guarded || thing === undefined || thing.etag !== undefined) return undefined;
  const read = env.operations.find(
    (each) => env.ids.get(each.id)?.safe === true && env.ids.get(each.id)?.item === subject,
  );
  return read === undefined
    ? undefined
    : requestFor(world, random, read, { bare: true, about: new Map([[thing.kind, thing]]) });
}

/** Steps with ids of their own in another sequence. */
export function renumbered(steps: readonly Step[], world: World): readonly Step[] {
  const ids = new Map(steps.map((step) => [step.id, world.nextId()]));
  const map = (template: Template | undefined): Template | undefined =>
    template === undefined
      ? undefined
      : (resolveTemplate(template, (symbol) => moved(symbol, ids, world)) as Template);
  return steps.map((step) => ({
    ...step,
    id: ids.get(step.id) as number,
    who:
      typeof step.who === "object"
        ? { ...step.who, step: ids.get(step.who.step) ?? step.who.step }
        : step.who,
    path: map(step.path) as Step["path"],
    query: map(step.query) as Step["query"],
    headers: map(step.headers) as Step["headers"],
    ...(step.body !== undefined && { body: map(step.body) as Template }),
  }));
}

function moved(symbol: Symbolic, ids: ReadonlyMap<number, number>, world: World): Symbolic {
  if ("step" in symbol) return { ...symbol, step: ids.get(symbol.step) ?? symbol.step };
  // A key that must be unique must be so in the other sequence too.
  return symbol.$sym === "unique" && symbol.text.startsWith("key-")
    ? { $sym: "unique", text: `key-${NONCE}-${world.nextId()}` }
    : symbol;
}
