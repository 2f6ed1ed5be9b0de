import { type LocatedSchema, type Operation, resolveSchema } from "../../../openapi/model/index.ts";
import { fits, isRecord } from "../../../openapi/mutate/pin.ts";
import { instantOf } from "../compare/scalar.ts";
import type { Step } from "../engine/step.ts";
import type { Kind } from "../model/ids.ts";
import { pages } from "../model/paging.ts";
import type { Random } from "../random.ts";
import type { UserFile } from "../user-file.ts";
import { type Aim, aimRanges, instantsMet, instantsOf, someAim } from "./aim.ts";
import { inherited, instantNear, related } from "./related.ts";
import { isSymbolic, NONCE, resolveTemplate, type Symbolic, type Template } from "./template.ts";
import { type Taste, TYPICAL, valueFor } from "./values.ts";
import { plainName, type Thing, type World } from "./world.ts";

export interface Wish {
  readonly taste?: Taste;
  /** Things that the request has to be about, by kind. */
  readonly about?: ReadonlyMap<Kind, Thing>;
  /** No optional query parameters. */
  readonly bare?: boolean;
  /** Numbers are small: something limited has to last for several requests. */
  readonly modest?: boolean;
  /** What the query is aimed at; now and then something of the sequence's without it. */
  readonly aim?: Aim;
  readonly who?: Step["who"];
}

const IDEMPOTENCY = /idempoten/i;
const IF_MATCH = /^if-(match|unmodified-since)$/i;

/** One valid request of an operation, made of what the sequence knows; `undefined` when it needs an id that is not there. */
export function requestFor(
  world: World,
  random: Random,
  operation: Operation,
  wish: Wish = {},
): Step | undefined {
  const ids = world.env.ids.get(operation.id);
  if (ids === undefined) return undefined;
  const chosen = new Map(wish.about ?? []);
  const thingOf = (kind: Kind): Thing | undefined => {
    const known = chosen.get(kind);
    if (known !== undefined) return known;
    const all = world.of(kind);
    // The latest is what the sequence is about.
    const thing = random.chance(0.75) ? all.at(-1) : random.pick(all);
    if (thing !== undefined) chosen.set(kind, thing);
    return thing;
  };
  const path: Record<string, Template> = {};
  const names = [...operation.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name as string);
  for (const name of [...names].reverse()) {
    const kind = ids.path.get(name);
    const inherited =
      names.length > 1
        ? [...chosen.values()].map(({ parents }) => parents[name]).find((each) => each !== undefined)
        : undefined;
    const thing = kind === undefined || inherited !== undefined ? undefined : thingOf(kind);
    const schema = operation.parameters.find(
      (parameter) => parameter.in === "path" && parameter.name === name,
    )?.schema;
    const free =
      kind !== undefined && isFree(world, schema)
        ? scalarFor(world, random, name, schema, TYPICAL)
        : undefined;
    const value = inherited ?? thing?.ref ?? free;
    if (value === undefined) return undefined;
    path[name] = value;
  }
  const taste = wish.taste ?? TYPICAL;
  const query: Record<string, Template> = {};
  const headers: Record<string, Template> = {};
  const aim =
    wish.aim ?? (random.chance(0.7) ? someAim(world, random, operation, [...chosen.values()]) : undefined);
  for (const parameter of operation.parameters) {
    if (parameter.in === "header") {
      const value = headerFor(
        world,
        random,
        parameter.name,
        parameter.schema,
        parameter.required,
        thingOf,
        ids.subject,
      );
      if (value !== undefined) headers[parameter.name] = value;
    }
    if (parameter.in !== "query") continue;
    if (!parameter.required && (wish.bare || pages(parameter.name) || !random.chance(taste.optional * 0.6)))
      continue;
    const kind = ids.query.get(parameter.name);
    const value =
      (kind === undefined ? undefined : thingOf(kind)?.ref) ??
      aimed(world, random, parameter.name, parameter.schema, aim) ??
      scalarFor(world, random, parameter.name, parameter.schema, taste);
    if (value !== undefined) query[parameter.name] = value;
  }
  const anchors = aim === undefined ? [] : instantsOf(aim);
  aimRanges(world, random, operation, query, anchors, (bound) => sketch(world, bound));
  const body = bodyFor(world, random, operation, taste, thingOf, chosen, wish.modest === true);
  return {
    id: world.nextId(),
    operation: operation.id,
    who: wish.who ?? "owner",
    path,
    query,
    headers,
    ...(body !== undefined && { body: body.value, contentType: body.type }),
  };
}

/** A path parameter that is no id but a name the client chooses, such as an enum. */
function isFree(world: World, schema: LocatedSchema | undefined): boolean {
  if (schema === undefined) return false;
  const { value } = resolveSchema(world.env.model, schema);
  return isRecord(value) && (value.enum !== undefined || value.format === "date");
}

function headerFor(
  world: World,
  random: Random,
  name: string,
  schema: LocatedSchema | undefined,
  required: boolean,
  thingOf: (kind: Kind) => Thing | undefined,
  subject: Kind | undefined,
): Template | undefined {
  if (IDEMPOTENCY.test(name)) return uniqueKey(world, schema);
  if (IF_MATCH.test(name))
    return subject === undefined ? undefined : (thingOf(subject)?.etag ?? (required ? "*" : undefined));
  if (!required || schema === undefined) return undefined;
  return valueFor(world.env.model, schema, random, TYPICAL, () => undefined);
}

/** A key that no other request has; a UUID where the schema wants one. */
function uniqueKey(world: World, schema: LocatedSchema | undefined): Symbolic {
  const number = world.nextId();
  const plain: Symbolic = { $sym: "unique", text: `key-${NONCE}-${number}` };
  if (schema === undefined || fits(world.env.model, schema, plain.text.replace(NONCE, "0000000")))
    return plain;
  return { $sym: "unique", text: `6f1c2d3e-4b5a-4c7d-8e9f-0${NONCE}${String(number).padStart(4, "0")}` };
}

/** The header of a request that carries its idempotency key. */
export function keyOf(step: Step): string | undefined {
  return Object.keys(step.headers).find((name) => IDEMPOTENCY.test(name));
}

/** The same request under a key of its own: no retry, but a second one. Without a key it stays as it is. */
export function rekeyed(step: Step, world: World): Step {
  const key = keyOf(step);
  if (key === undefined) return step;
  return { ...step, headers: { ...step.headers, [key]: uniqueKey(world, undefined) } };
}

/** A value for a parameter: one met under the same name, of the user file, or made. */
function scalarFor(
  world: World,
  random: Random,
  name: string,
  schema: LocatedSchema | undefined,
  taste: Taste,
): Template | undefined {
  const met = reuse(world, random, name, schema, 0.75);
  if (met !== undefined) return met;
  const given = random.pick(world.env.userFile.values?.[name] ?? []);
  if (given !== undefined) return given as Template;
  return schema === undefined ? undefined : valueFor(world.env.model, schema, random, taste, () => undefined);
}

/** The value that the thing aimed at has under this name; for an instant, any of the thing's. */
function aimed(
  world: World,
  random: Random,
  name: string,
  schema: LocatedSchema | undefined,
  aim: Aim | undefined,
): Template | undefined {
  if (aim === undefined || schema === undefined || !random.chance(0.85)) return undefined;
  const { model } = world.env;
  const list = aim.get(plainName(name)) ?? instantsMet(aim);
  return random.pick(list.filter(({ value }) => fits(model, schema, value)))?.template;
}

/** A value that was met before under this name; or, for an instant, under any. */
function reuse(
  world: World,
  random: Random,
  name: string,
  schema: LocatedSchema | undefined,
  share: number,
): Template | undefined {
  if (schema === undefined || !random.chance(share)) return undefined;
  const { model } = world.env;
  const resolved = resolveSchema(model, schema).value;
  const instant = isRecord(resolved) && (resolved.format === "date-time" || resolved.format === "date");
  const own = world.met.get(plainName(name)) ?? [];
  const list =
    instant && (own.length === 0 || random.chance(0.5))
      ? [...world.met.values()].flat().filter(({ value }) => instantOf(value) !== undefined)
      : own;
  // What the client said itself lies on the edges of ranges; what the server's clock said does not.
  const said =
    instant && random.chance(0.6) ? list.filter(({ template }) => typeof template === "string") : [];
  return random.pick((said.length > 0 ? said : list).filter(({ value }) => fits(model, schema, value)))
    ?.template;
}

function bodyFor(
  world: World,
  random: Random,
  operation: Operation,
  taste: Taste,
  thingOf: (kind: Kind) => Thing | undefined,
  chosen: ReadonlyMap<Kind, Thing>,
  modest: boolean,
): { readonly value: Template; readonly type: string } | undefined {
  const media = operation.requestBody?.media.find(({ type }) => /[/+]json/.test(type));
  const schema = media?.schema;
  if (media === undefined || schema === undefined) return undefined;
  const ids = world.env.ids.get(operation.id);
  const { model, userFile } = world.env;
  const supply = (pointer: string, name: string, member: LocatedSchema): Template | undefined => {
    const kind = ids?.body.get(pointer);
    // A list of ids names several things, and now and then one twice.
    if (kind !== undefined)
      return (pointer.endsWith("/*") ? random.pick(world.of(kind)) : thingOf(kind))?.ref;
    const given = userFile.values?.[name];
    if (given !== undefined) return random.pick(given) as Template;
    const little = modest ? few(world, random, member) : undefined;
    if (little !== undefined) return little;
    // Who wants the ends of what is allowed finds few of them among what was met.
    if (random.chance(taste.edge * 0.6)) return undefined;
    return (
      related(world, random, member, chosen) ??
      inherited(world, random, name, member, chosen) ??
      reuse(world, random, name, member, 0.3)
    );
  };
  const raw = isRecord(resolveSchema(model, schema).value)
    ? (resolveSchema(model, schema).value as Record<string, unknown>)
    : {};
  const loose =
    raw.properties === undefined &&
    raw.oneOf === undefined &&
    raw.anyOf === undefined &&
    raw.allOf === undefined;
  const fromExample =
    media.examples.length > 0 && random.chance(loose || holdsAnything(raw) ? 0.85 : modest ? 0 : 0.3);
  for (let tries = 0; tries < 6; tries++) {
    const example = fromExample ? random.pick(media.examples)?.value : undefined;
    const value =
      example === undefined
        ? valueFor(model, schema, random, taste, supply)
        : adapted(world, random, example, "", "", ids?.body ?? new Map(), thingOf, chosen);
    if (fits(model, schema, sketch(world, value))) return { value, type: media.type };
  }
  const [example] = media.examples;
  const value =
    example === undefined
      ? valueFor(model, schema, random, { edge: 0, optional: 0 }, supply)
      : adapted(world, random, example.value, "", "", ids?.body ?? new Map(), thingOf, chosen);
  return { value, type: media.type };
}

/** One, two or three, where the schema takes whole numbers. */
function few(world: World, random: Random, member: LocatedSchema): number | undefined {
  const { value } = resolveSchema(world.env.model, member);
  if (!isRecord(value) || value.type !== "integer" || value.enum !== undefined) return undefined;
  const wanted = 1 + random.below(3);
  return fits(world.env.model, member, wanted) ? wanted : undefined;
}

/** A member of the schema takes anything: only an example tells what works. */
function holdsAnything(raw: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(raw).includes('"additionalProperties":true');
}

/** A documented example, with the ids of this sequence and values it has met. */
function adapted(
  world: World,
  random: Random,
  value: unknown,
  pointer: string,
  name: string,
  kinds: ReadonlyMap<string, Kind>,
  thingOf: (kind: Kind) => Thing | undefined,
  chosen: ReadonlyMap<Kind, Thing>,
): Template {
  if (Array.isArray(value))
    return value.map((item) => adapted(world, random, item, `${pointer}/*`, name, kinds, thingOf, chosen));
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        adapted(world, random, member, `${pointer}/${key}`, key, kinds, thingOf, chosen),
      ]),
    );
  const kind = kinds.get(pointer);
  const thing = kind === undefined ? undefined : thingOf(kind);
  if (thing !== undefined) return thing.ref;
  const given = world.env.userFile.values?.[name];
  if (given !== undefined) return random.pick(given) as Template;
  if (typeof value === "string" && /^\d{1,9}(\.\d{1,3})?$/.test(value) && random.chance(0.4))
    return uneven(value, random);
  // An example's instants know nothing of when these things began; they tell more about calendars, though.
  if (instantOf(value) !== undefined && random.chance(0.35)) {
    const near = instantNear(world, random, chosen);
    if (near !== undefined) return near.template;
  }
  const met = world.met.get(plainName(name))?.filter((each) => typeof each.value === typeof value) ?? [];
  return met.length > 0 && random.chance(0.3)
    ? (random.pick(met)?.template ?? (value as Template))
    : (value as Template);
}

/** A decimal that is a little more: examples are round, and what is round hides how it is rounded. */
const uneven = (value: string, random: Random): string =>
  String(Number((Number(value) + (random.pick([0.37, 7.01, 0.013, 1.5]) as number)).toFixed(3)));

/** A template as the baseline would get it, for the schema's validator. */
export function sketch(world: World, template: Template): unknown {
  return resolveTemplate(template, (symbol) => world.valueOf(symbol));
}

/** A value with the members that the user file gives values for, wherever they stand. */
export function withGiven(userFile: UserFile, value: Template): Template {
  if (Array.isArray(value)) return value.map((item: Template) => withGiven(userFile, item));
  if (!isRecord(value) || isSymbolic(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const [given] = userFile.values?.[name] ?? [];
      const usable = given !== undefined && typeof given === typeof member && member !== "";
      return [name, usable ? (given as Template) : withGiven(userFile, member as Template)];
    }),
  );
}
