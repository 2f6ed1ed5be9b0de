import {
  type LocatedSchema,
  type Operation,
  operationById,
  resolveSchema,
} from "../../../openapi/model/index.ts";
import type { Environment } from "../engine/environment.ts";
import { creatorsOf, guardRead, needs, type Recipes, renumbered, settling } from "../engine/scout.ts";
import type { Ran, Sequence } from "../engine/sequence.ts";
import type { Step } from "../engine/step.ts";
import { aimAt, instantsMet } from "../generate/aim.ts";
import { requestFor, type Wish } from "../generate/request.ts";
import { LEAST, TYPICAL } from "../generate/values.ts";
import { type Thing, World } from "../generate/world.ts";
import type { Kind } from "../model/ids.ts";
import { type Paging, pages, pagingOf } from "../model/paging.ts";
import type { Random } from "../random.ts";

/** A sequence being made while it runs: what is sent next depends on what the baseline answered. */
export class Player {
  readonly env: Environment;
  readonly sequence: Sequence;
  readonly random: Random;
  readonly recipes: Recipes;
  readonly world: World;
  /** A recipe has its own waits. */
  #following = false;

  constructor(sequence: Sequence, random: Random, recipes: Recipes) {
    this.env = sequence.env;
    this.sequence = sequence;
    this.random = random;
    this.recipes = recipes;
    this.world = new World(this.env, sequence.sides[0].owner.values);
  }

  /** Sends steps and learns from them; what runs asynchronously is waited for. */
  async send(...steps: readonly (Step | undefined)[]): Promise<readonly Ran[]> {
    const out: Ran[] = [];
    const some = steps.filter((step) => step !== undefined);
    if (some.length === 0) return out;
    for (const ran of await this.sequence.run(some)) {
      out.push(ran);
      const [reply, again] = ran.replies;
      this.world.learn(ran.step, reply, again);
    }
    for (const { step, replies } of this.#following ? [] : [...out]) {
      const [reply] = replies;
      if (
        step.settle ||
        reply.status >= 300 ||
        (reply.status !== 202 && reply.headers["retry-after"] === undefined)
      )
        continue;
      const read = settling(this.env, this.world, this.random, operationById(this.env.model, step.operation));
      if (read !== undefined) await this.send(read);
    }
    return out;
  }

  /** One valid request of an operation, sent. */
  async call(operation: Operation, wish: Wish = {}): Promise<Ran | undefined> {
    await this.send(guardRead(this.env, this.world, this.random, operation));
    const [ran] = await this.send(requestFor(this.world, this.random, operation, wish));
    if (ran !== undefined) await this.#perhapsAgain(ran);
    return ran;
  }

  /** Now and then a write is sent twice, as clients do that got no answer in time. */
  async #perhapsAgain({ step, replies: [reply] }: Ran): Promise<void> {
    if (this.env.ids.get(step.operation)?.safe !== false || reply.status >= 300 || !this.random.chance(0.18))
      return;
    const [again] = await this.send({ ...step, id: this.world.nextId() });
    await this.observe(again, 2);
  }

  /** Makes what an operation takes; then, perhaps, what leads to its success. */
  async prepare(operation: Operation): Promise<void> {
    const recipe = this.recipes.get(operation.id);
    // The whole way that is known to work, without the operation itself.
    if (recipe !== undefined) {
      await this.follow(upTo(recipe, operation));
      return;
    }
    for (const kind of needs(this.env, operation))
      if (this.world.of(kind).length === 0) await this.make(kind);
  }

  /** An operation that is to succeed: refused, it is tried once more, with as little as it takes. */
  async bring(operation: Operation, wish: Wish = {}): Promise<Ran | undefined> {
    const ran = await this.call(operation, wish);
    const status = ran?.replies[0].status;
    if (ran?.step.body === undefined || status === undefined || status < 400 || this.sequence.differs)
      return ran;
    const [again] = await this.send(
      requestFor(this.world, this.random, operation, { ...wish, taste: LEAST }),
    );
    return again ?? ran;
  }

  /**
   * A new thing of a kind, with what it takes.
   * @param wish what it has to be about, where that is there already: nothing else is made in its place
   */
  async make(kind: Kind, wish: Wish = {}): Promise<Thing | undefined> {
    const creator = this.random.pick(creatorsOf(this.env, this.recipes, kind));
    if (creator === undefined) return this.world.of(kind).at(-1);
    const recipe = this.recipes.get(creator.id) ?? [];
    const before = this.world.of(kind).length;
    const made = (): boolean => this.world.of(kind).length > before;
    const lacks = needs(this.env, creator).some((each) => this.world.of(each).length === 0);
    if (!lacks) await this.bring(creator, wish);
    const settled = made() || (wish.about?.size ?? 0) > 0 || this.sequence.differs;
    // What is there does not allow it: the whole way that is known to work does.
    if (!settled && wish.modest) {
      await this.follow(upTo(recipe, creator), !lacks);
      await this.call(creator, wish);
    }
    if (!settled && !made()) await this.follow(recipe, !lacks);
    return this.world.of(kind).at(-1);
  }

  /** Steps that are known to succeed; some of them with other values, unless it has to be exactly these. */
  async follow(recipe: readonly Step[], exactly = false): Promise<void> {
    this.#following = true;
    const fresh = renumbered(recipe, this.world);
    for (const step of fresh) {
      const operation = operationById(this.env.model, step.operation);
      const other =
        exactly || step.body === undefined || step.settle || this.random.chance(0.45)
          ? undefined
          : requestFor(this.world, this.random, operation, { taste: TYPICAL });
      if (other !== undefined) {
        const [ran] = await this.send({ ...other, id: step.id });
        if (ran !== undefined && ran.replies[0].status < 300) continue;
      }
      // Later steps refer to this one by its id: it has to be the one that works.
      const again = other === undefined ? step : { ...step, id: this.world.nextId() };
      if (other !== undefined) this.#alias(fresh, step.id, again.id);
      await this.send(this.#current(again));
    }
    this.#following = false;
  }

  #alias(steps: readonly Step[], from: number, to: number): void {
    const swap = (value: unknown): void => {
      if (value === null || typeof value !== "object") return;
      const record = value as { $sym?: string; step?: number };
      if (record.$sym !== undefined && record.step === from) record.step = to;
      for (const inner of Object.values(value)) swap(inner);
    };
    for (const step of steps) swap([step.path, step.query, step.headers, step.body, step.who]);
  }

  /** A guarded request carries the ETag that was seen last. */
  #current(step: Step): Step {
    const operation = operationById(this.env.model, step.operation);
    const subject = this.env.ids.get(operation.id)?.subject;
    const name = Object.keys(step.headers).find((each) => /^if-match$/i.test(each));
    if (name === undefined || subject === undefined) return step;
    const last = [...operation.path.matchAll(/\{([^}]+)\}/g)].at(-1)?.[1];
    const thing =
      this.world
        .of(subject)
        .find(({ ref }) => JSON.stringify(ref) === JSON.stringify(step.path[last ?? ""])) ??
      this.world.of(subject).at(-1);
    return thing?.etag === undefined ? step : { ...step, headers: { ...step.headers, [name]: thing.etag } };
  }

  /** Reads of one thing, and of every list that may show it. */
  readsOf(thing: Thing): readonly Step[] {
    const about = new Map([[thing.kind, thing]]);
    return this.env.operations.flatMap((operation) => {
      const ids = this.env.ids.get(operation.id);
      if (ids?.safe !== true) return [];
      const kinds = [...ids.path.values()];
      const own = ids.item === thing.kind || ids.subject === thing.kind;
      const collects = ids.collection === thing.kind && kinds.every((kind) => this.world.of(kind).length > 0);
      if (own || collects) return this.#request(operation, { about, bare: true });
      const filter = [...ids.query].find(([, kind]) => kind === thing.kind)?.[0];
      if (filter === undefined) return [];
      return this.#request(operation, { about, bare: true }).map((step) => ({
        ...step,
        query: { ...step.query, [filter]: thing.ref },
      }));
    });
  }

  #request(operation: Operation, wish: Wish): readonly Step[] {
    const step = requestFor(this.world, this.random, operation, wish);
    return step === undefined ? [] : [step];
  }

  /**
   * Reads back what a request was about, and what it named: a payment changes its invoice.
   * @param most how many reads at most of what it was about; the thing itself is among them
   */
  async observe(ran: Ran | undefined, most = 3): Promise<void> {
    if (ran === undefined) return;
    const ids = this.env.ids.get(ran.step.operation);
    const kind = ids?.creates ?? ids?.subject;
    const made = kind === undefined ? undefined : (this.#subjectOf(ran, kind) ?? this.world.of(kind).at(-1));
    // What neither makes nor changes one thing, such as a batch, shows in what hangs on the things it named.
    const thing = made ?? this.#namedBy(ran).at(-1);
    if (thing === undefined) return;
    const [first, ...others] = this.readsOf(thing);
    const named = this.#namedBy(ran)
      .filter((each) => each !== thing)
      .flatMap((each) => this.readsOf(each).slice(0, 1));
    await this.send(
      first,
      ...this.random.shuffled(others).slice(0, made === undefined ? most : most - 1),
      ...this.random.shuffled(named).slice(0, 1),
    );
  }

  #namedBy({ step }: Ran): readonly Thing[] {
    const text = JSON.stringify([step.path, step.body]);
    return this.world.things.filter(({ ref, gone }) => !gone && text.includes(JSON.stringify(ref)));
  }

  #subjectOf(ran: Ran, kind: Kind): Thing | undefined {
    const paths = Object.values(ran.step.path).map((ref) => JSON.stringify(ref));
    return this.world.of(kind).find(({ ref }) => paths.includes(JSON.stringify(ref)));
  }

  /** Reads everything the sequence has touched: each thing, each list, each list by each filter. */
  async audit(most = 24): Promise<void> {
    const reads: Step[] = [];
    for (const operation of this.env.operations) {
      const ids = this.env.ids.get(operation.id);
      if (ids?.safe !== true) continue;
      const kind = ids.item;
      if (kind !== undefined) {
        for (const thing of this.world.things.filter((each) => each.kind === kind).slice(-3))
          reads.push(...this.#request(operation, { about: new Map([[kind, thing]]), bare: true }));
        continue;
      }
      if (ids.subject !== undefined)
        for (const thing of this.world.of(ids.subject).slice(-2)) {
          // A question with many answers is asked more than once.
          const asked =
            operation.parameters.filter((each) => each.in === "query" && each.required).length > 1 ? 3 : 1;
          for (let n = 0; n < asked; n++)
            reads.push(...this.#request(operation, { about: new Map([[thing.kind, thing]]) }));
        }
      else if (this.#touched(ids.collection))
        reads.push(...this.#request(operation, { bare: true }), ...this.filters(operation).slice(0, 2));
    }
    const seen = new Set<string>();
    const distinct = reads.filter((step) => {
      const key = JSON.stringify([step.operation, step.path, step.query]);
      return !seen.has(key) && seen.add(key) !== undefined;
    });
    await this.send(...this.random.shuffled(distinct).slice(0, most));
  }

  #touched(kind: Kind | undefined): boolean {
    return kind === undefined || this.world.things.some((thing) => thing.kind === kind);
  }

  /** A list by one filter each, with values that exist, and by two of them. @param about whose list it is */
  filters(operation: Operation, about: Wish["about"] = new Map()): readonly Step[] {
    const names = operation.parameters
      .filter((parameter) => parameter.in === "query" && !pages(parameter.name))
      .map(({ name }) => name);
    const each = names.flatMap((name) =>
      this.#request(operation, { about, taste: { edge: 0.2, optional: 1.7 } }).map((step) => ({
        ...step,
        query: only(step.query, [name]),
      })),
    );
    const all = this.#request(operation, { about, taste: { edge: 0.2, optional: 1.7 } });
    return this.random.shuffled([...each, ...all].filter((step) => Object.keys(step.query).length > 0));
  }

  /** A list from, and up to, the very instants of things in it: whether an end belongs to it shows only there. */
  bounds(operation: Operation): readonly Step[] {
    const kind = this.env.ids.get(operation.id)?.collection ?? "";
    return operation.parameters.flatMap((parameter): readonly Step[] => {
      if (parameter.in !== "query" || !/^date/.test(String(formatOf(this.env, parameter.schema)))) return [];
      const thing = this.random.pick(this.world.of(kind));
      const met = thing === undefined ? [] : instantsMet(aimAt(this.world, thing));
      const bound = this.random.pick(met)?.template;
      return bound === undefined
        ? []
        : this.#request(operation, { bare: true }).map((step) => ({
            ...step,
            query: { ...step.query, [parameter.name]: bound },
          }));
    });
  }

  /**
   * Reads a list to its end, so many items a page.
   * @param how whose list it is, by which filter, and what happens after the first page
   */
  async page(
    operation: Operation,
    size: number,
    how: {
      readonly about: Wish["about"];
      readonly filter?: Readonly<Step["query"]>;
      between?(): Promise<void>;
    },
  ): Promise<void> {
    const paging = pagingOf(this.env.model, operation);
    const [first] = this.#request(operation, { bare: true, ...(how.about && { about: how.about }) });
    if (paging === undefined || first === undefined) return;
    const query = { ...first.query, ...how.filter, [paging.limit]: size };
    let [ran] = await this.send({ ...first, query });
    await how.between?.();
    for (let page = 1; page < 12 && ran !== undefined && !this.sequence.differs; page++) {
      const next = nextOf(paging, ran, page, size);
      if (next === undefined) return;
      [ran] = await this.send({ ...first, id: this.world.nextId(), query: { ...query, ...next } });
    }
  }
}

/** The way to an operation, without the operation itself. */
function upTo(recipe: readonly Step[], { id }: Operation): readonly Step[] {
  return recipe.slice(
    0,
    recipe.findLastIndex((step) => step.operation === id),
  );
}

function only(query: Step["query"], names: readonly string[]): Step["query"] {
  return Object.fromEntries(Object.entries(query).filter(([name]) => names.includes(name)));
}

function at(body: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (value, part) =>
        value !== null && typeof value === "object" ? (value as Record<string, unknown>)[part] : undefined,
      body,
    );
}

function hasItems(body: unknown): boolean {
  if (Array.isArray(body)) return body.length > 0;
  return (
    body !== null &&
    typeof body === "object" &&
    Object.values(body).some((value) => Array.isArray(value) && value.length > 0)
  );
}

function formatOf(env: Environment, schema: LocatedSchema | undefined): unknown {
  const value = schema === undefined ? undefined : resolveSchema(env.model, schema).value;
  return value !== null && typeof value === "object" ? value.format : undefined;
}

/** What the query says to get the page after this one; `undefined` on the last. */
function nextOf(
  paging: Paging,
  { step, replies: [reply] }: Ran,
  page: number,
  size: number,
): Step["query"] | undefined {
  if (paging.by !== "cursor")
    return hasItems(reply.body)
      ? { [paging.from]: paging.by === "offset" ? page * size : page + 1 }
      : undefined;
  if (paging.next !== undefined)
    return typeof at(reply.body, paging.next) === "string"
      ? { [paging.from]: { $sym: "reply", step: step.id, pointer: paging.next } }
      : undefined;
  // Without a cursor in the body, the last item's id says where to go on.
  const list = Array.isArray(reply.body) ? reply.body : [];
  const more = list.length > 0 && (/rel="?next/.test(reply.headers.link ?? "") || list.length >= size);
  return more && typeof at(reply.body, `/${list.length - 1}/id`) !== "undefined"
    ? { [paging.from]: { $sym: "reply", step: step.id, pointer: `/${list.length - 1}/id` } }
    : undefined;
}
