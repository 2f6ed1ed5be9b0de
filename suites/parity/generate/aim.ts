import { type LocatedSchema, type Operation, resolveSchema } from "../../../openapi/model/index.ts";
import { fits, isRecord } from "../../../openapi/mutate/pin.ts";
import { instantOf } from "../compare/scalar.ts";
import type { Random } from "../random.ts";
import type { Template } from "./template.ts";
import { type Met, plainName, type Thing, type World } from "./world.ts";

/** One thing whose values a query is aimed at, so that the answer is about it: by plain member name. */
export type Aim = ReadonlyMap<string, readonly Met[]>;

const RANGES = [
  ["from", "to"],
  ["start", "end"],
  ["since", "until"],
  ["after", "before"],
  ["min", "max"],
] as const;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a thing says of itself that can be sent again: values that are the same for every account. */
export function aimAt(world: World, thing: Thing): Aim {
  const values = new Map<string, Met[]>();
  const visit = (value: unknown, name: string, depth: number): void => {
    if (isRecord(value) && depth < 3)
      for (const [key, member] of Object.entries(value)) visit(member, key, depth + 1);
    else if (Array.isArray(value)) for (const item of value.slice(0, 4)) visit(item, name, depth + 1);
    const met = world.met.get(plainName(name))?.find((each) => each.value === value);
    if (met !== undefined) values.set(plainName(name), [...(values.get(plainName(name)) ?? []), met]);
  };
  visit(thing.seen?.value, "", 0);
  return values;
}

/**
 * The aim at some thing that shares a member with the operation's query; the latest is the likeliest, and mostly one
 * that names what is asked about.
 */
export function someAim(
  world: World,
  random: Random,
  operation: Operation,
  about: readonly Thing[],
): Aim | undefined {
  const names = operation.parameters.filter((each) => each.in === "query").map(({ name }) => plainName(name));
  if (names.length === 0) return undefined;
  const all = world.things.filter(
    ({ seen }) =>
      isRecord(seen?.value) && Object.keys(seen.value).some((key) => names.includes(plainName(key))),
  );
  const near = all.filter(
    ({ seen }) =>
      isRecord(seen?.value) &&
      Object.values(seen.value).some((value) => about.some(({ raw }) => raw === String(value))),
  );
  const fitting = (near.length > 0 && random.chance(0.85) ? near : all).slice(-6);
  const thing = random.chance(0.5) ? fitting.at(-1) : random.pick(fitting);
  return thing === undefined ? undefined : aimAt(world, thing);
}

/** The instants of an aim: those that every account has alike; only without such those of the server's clock. */
export function instantsMet(aim: Aim): readonly Met[] {
  const all = [...aim.values()].flat().filter(({ value }) => instantOf(value) !== undefined);
  const alike = all.filter(({ template }) => typeof template === "string");
  return alike.length > 0 ? alike : all;
}

/** The instants of an aim that every account has alike. */
export function instantsOf(aim: Aim): readonly number[] {
  return instantsMet(aim).flatMap(({ template, value }) =>
    typeof template === "string" ? (instantOf(value) ?? []) : [],
  );
}

/**
 * Bounds of a range of instants lie on the very instant of something, or just around it: whether an end belongs to
 * the range shows there and nowhere else. Any other range that ends before it begins has its ends changed.
 * @param read a bound as the baseline gets it
 */
export function aimRanges(
  world: World,
  random: Random,
  operation: Operation,
  query: Record<string, Template>,
  anchors: readonly number[],
  read: (bound: Template) => unknown,
): void {
  const schemaOf = (name: string): LocatedSchema | undefined =>
    operation.parameters.find((each) => each.in === "query" && each.name === name)?.schema;
  for (const [low, high] of rangesIn(Object.keys(query))) {
    const anchor = random.pick(anchors);
    const schemas = [schemaOf(low), schemaOf(high)];
    if (
      anchor !== undefined &&
      schemas.every((schema) => takesInstants(world, schema)) &&
      random.chance(0.85)
    ) {
      const ends = around(anchor, random).map((at) => new Date(at).toISOString());
      if (ends.every((end, index) => fits(world.env.model, schemas[index] as LocatedSchema, end))) {
        [query[low], query[high]] = ends as [string, string];
        continue;
      }
    }
    const [a, b] = [low, high].map((name) => {
      const value = read(query[name] as Template);
      return instantOf(value) ?? (typeof value === "number" ? value : undefined);
    });
    if (a !== undefined && b !== undefined && a > b)
      [query[low], query[high]] = [query[high] as Template, query[low] as Template];
  }
}

/** From the instant, up to it, around it, or the whole days around it. */
function around(at: number, random: Random): readonly [number, number] {
  const length = random.pick([HOUR, DAY, DAY, 3 * DAY, 40 * DAY]) as number;
  const day = Math.floor(at / DAY) * DAY;
  const shapes = [
    [at, at + length],
    [at - length, at],
    [at - length, at + length],
    [day - (length > DAY ? DAY : 0), day + Math.max(DAY, length)],
  ] as const;
  return random.pick(shapes) as readonly [number, number];
}

function takesInstants(world: World, schema: LocatedSchema | undefined): boolean {
  if (schema === undefined) return false;
  const { value } = resolveSchema(world.env.model, schema);
  return isRecord(value) && value.format === "date-time";
}

function rangesIn(names: readonly string[]): readonly (readonly [low: string, high: string])[] {
  return RANGES.flatMap(([first, last]) =>
    names
      .filter((name) => name.toLowerCase().startsWith(first))
      .flatMap((low): readonly (readonly [string, string])[] => {
        const wanted = last + low.toLowerCase().slice(first.length);
        const high = names.find((name) => name.toLowerCase() === wanted);
        return high === undefined ? [] : [[low, high]];
      }),
  );
}
