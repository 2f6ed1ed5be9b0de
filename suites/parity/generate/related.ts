import { type LocatedSchema, resolveSchema } from "../../../openapi/model/index.ts";
import { fits, isRecord } from "../../../openapi/mutate/pin.ts";
import { instantOf } from "../compare/scalar.ts";
import type { Kind } from "../model/ids.ts";
import type { Random } from "../random.ts";
import { type Aim, aimAt, instantsMet, instantsOf } from "./aim.ts";
import type { Template } from "./template.ts";
import { type Met, plainName, type Thing, type World } from "./world.ts";

const DAY = 86_400_000;
const LEFT = /due$|remain|left$|balance|outstanding|available/i;

/**
 * A number that the things this request is about carry, at any depth, or a part of it, or just more: where a limit,
 * a step of a table or what is left of a sum makes the difference.
 */
export function related(
  world: World,
  random: Random,
  member: LocatedSchema,
  chosen: ReadonlyMap<Kind, Thing>,
): Template | undefined {
  const { value } = resolveSchema(world.env.model, member);
  if (!isRecord(value) || value.enum !== undefined) return undefined;
  if (value.format === "date-time") return relatedInstant(world, random, member, chosen);
  const digits =
    value.type === "string" && typeof value.pattern === "string" && fits(world.env.model, member, "1");
  if (value.type !== "integer" && !digits) return undefined;
  if (!random.chance(digits ? 0.4 : 0.7)) return undefined;
  // All of what is left, to the last: the state may change with it.
  const left = [...chosen.values()].flatMap(({ seen }) => leftIn(seen?.value));
  if (!digits && left.length > 0 && random.chance(0.4)) {
    const all = random.pick(left);
    if (fits(world.env.model, member, all)) return all;
  }
  const base = random.pick(
    [...chosen.values()].flatMap(({ seen }) => numbersIn(seen?.value, digits ? "string" : "number")),
  );
  if (base === undefined) return undefined;
  const near = [base, base, base, Math.floor(base / 2), Math.floor(base / 3), base + 1, 2 * base + 1, 1];
  const wanted = random.pick(near) as number;
  const written = digits ? String(wanted) : wanted;
  return fits(world.env.model, member, written) ? written : undefined;
}

/** A value that the things this request is about, or those they name, have under the same name. */
export function inherited(
  world: World,
  random: Random,
  name: string,
  member: LocatedSchema,
  chosen: ReadonlyMap<Kind, Thing>,
): Template | undefined {
  if (chosen.size === 0 || !random.chance(0.6)) return undefined;
  const things = [...chosen.values()].flatMap((thing) => [thing, ...namedBy(world, thing)]);
  const values = things.flatMap((thing) => aimAt(world, thing).get(plainName(name)) ?? []);
  const one = random.pick(
    values.filter(({ value }) => !world.spent.has(value) && fits(world.env.model, member, value)),
  );
  if (one !== undefined && typeof one.template !== "string" && instantOf(one.value) !== undefined)
    world.spent.add(one.value);
  return one?.template;
}

function namedBy(world: World, { seen, kind }: Thing): readonly Thing[] {
  const values = isRecord(seen?.value) ? Object.values(seen.value).map(String) : [];
  return world.things.filter((thing) => thing.kind !== kind && values.includes(thing.raw));
}

/** An instant of one of the things that the schema takes, or one near it, where there is any. */
function relatedInstant(
  world: World,
  random: Random,
  member: LocatedSchema,
  chosen: ReadonlyMap<Kind, Thing>,
): Template | undefined {
  const near = random.chance(0.5) ? instantNear(world, random, chosen) : undefined;
  return near !== undefined && fits(world.env.model, member, near.value) ? near.template : undefined;
}

/** An instant of one of the things, just after it, or some days and hours later, as what happens to a thing does. */
export function instantNear(world: World, random: Random, chosen: ReadonlyMap<Kind, Thing>): Met | undefined {
  const aims = [...chosen.values()].map((thing) => aimAt(world, thing));
  const alike = random.pick(aims.flatMap(instantsOf));
  const clock = aims.flatMap(clockOf);
  const base = alike ?? random.pick(clock.map(({ value }) => instantOf(value)));
  if (base === undefined) return undefined;
  // What a clock told is never the end of a month, nor any other day that is hard to reckon with.
  if (alike === undefined && random.chance(0.5)) return undefined;
  if (alike === undefined && random.chance(0.3)) {
    const one = random.pick(clock.filter(({ value }) => !world.spent.has(value)));
    if (one !== undefined) {
      world.spent.add(one.value);
      return one;
    }
  }
  // The first and the last hours of a day belong to another day elsewhere on earth.
  const midnight = Math.ceil(base / DAY) * DAY;
  const at = random.pick([
    // Each side's clock said something else: what lies days after one of them lies after all.
    ...(alike === undefined ? [] : [base, base, base + 1, base + 36_000_123, base + 100_800_000]),
    base + 987_654_321,
    midnight + 3 * DAY + 1_800_000,
    midnight + 2 * DAY + 7_200_123,
    midnight + 4 * DAY - 600_000,
  ]) as number;
  const instant = new Date(at).toISOString();
  return { template: instant, value: instant };
}

/** The instants of an aim that a server's clock told. */
const clockOf = (aim: Aim): readonly Met[] =>
  instantsMet(aim).filter(({ template }) => typeof template !== "string");

/** What there is still to take of something, by its name. */
function leftIn(value: unknown): readonly number[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    LEFT.test(name) && typeof member === "number" && Number.isSafeInteger(member) && member > 0
      ? [member]
      : [],
  );
}

function numbersIn(value: unknown, as: "string" | "number", depth = 0): readonly number[] {
  if (typeof value === as) {
    const number = Number(value);
    return value !== "" && Number.isSafeInteger(number) && number > 0 ? [number] : [];
  }
  if (depth > 3 || value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap((each) => numbersIn(each, as, depth + 1));
}
