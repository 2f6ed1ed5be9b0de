import { type LocatedSchema, type OperationModel, resolveSchema } from "../../../openapi/model/index.ts";
import { below, fits, isRecord } from "../../../openapi/mutate/pin.ts";
import { sample } from "../../../openapi/mutate/sample.ts";
import { Random } from "../random.ts";
import { textFor } from "./pattern.ts";
import { DECIMALS, FORMATS, type Groups, INSTANTS, INTEGERS, TEXTS, TRAPS, UNIQUE_NAMES } from "./pools.ts";
import { NONCE, type Template } from "./template.ts";

/** How adventurous the values are. */
export interface Taste {
  /** Share of values from the ends of what is allowed. */
  readonly edge: number;
  /** Share of optional members that are there. */
  readonly optional: number;
  /** Share of values that are as long or large as may be. */
  readonly extreme?: number;
}

export const TYPICAL: Taste = { edge: 0.15, optional: 0.5 };

/** Only what has to be there. */
export const LEAST: Taste = { edge: 0, optional: 0 };

/** Share of nought among numbers that may be nought: the one that is taken for an absent one. */
const NOUGHT = 0.07;

/** Gives a value of its own for a member, by pointer (`*` for items) and name; `undefined`: make one. */
export type Supply = (pointer: string, name: string, schema: LocatedSchema) => Template | undefined;

type Raw = Readonly<Record<string, unknown>>;

interface Maker {
  readonly model: OperationModel;
  readonly random: Random;
  readonly taste: Taste;
  readonly supply: Supply;
}

/** A value that a schema takes, symbols in it by `supply`. Whether it holds as a whole, the caller checks. */
export function valueFor(
  model: OperationModel,
  schema: LocatedSchema,
  random: Random,
  taste: Taste,
  supply: Supply,
): Template {
  return make({ model, random, taste, supply }, schema, "", "", 0) ?? null;
}

function make(
  maker: Maker,
  unresolved: LocatedSchema,
  pointer: string,
  name: string,
  depth: number,
): Template | undefined {
  if (name !== "") {
    const given = maker.supply(pointer, name, unresolved);
    if (given !== undefined) return given;
  }
  const schema = resolveSchema(maker.model, unresolved);
  const raw = schema.value;
  if (!isRecord(raw)) return "any";
  const { random } = maker;
  if (raw.const !== undefined) return raw.const as Template;
  if (Array.isArray(raw.enum)) return random.pick(raw.enum) as Template;
  const branch = branchOf(maker, schema, raw, pointer, depth);
  const types = [raw.type].flat().filter((type) => typeof type === "string");
  const nullable = types.includes("null");
  if (nullable && random.chance(0.15)) return null;
  const type =
    types.find((each) => each !== "null") ??
    (raw.properties !== undefined ? "object" : raw.items !== undefined ? "array" : undefined);
  if (type === undefined) {
    if (branch !== undefined) return branch;
    return raw.pattern !== undefined || raw.format !== undefined
      ? text(maker, schema, raw, name)
      : isRecord(raw) && Object.keys(raw).length > 2
        ? (sample(maker.model, schema) as Template)
        : "any";
  }
  if (type === "object") {
    const own = objectOf(maker, schema, raw, pointer, depth);
    return isRecord(branch) ? ({ ...own, ...branch } as Template) : own;
  }
  if (branch !== undefined && !isRecord(branch)) return branch;
  if (type === "array") return arrayOf(maker, schema, raw, pointer, name, depth);
  if (type === "string") return text(maker, schema, raw, name);
  if (type === "integer" || type === "number") return numberOf(maker, schema, raw, type);
  if (type === "boolean") return random.chance(0.5);
  return null;
}

function branchOf(
  maker: Maker,
  schema: LocatedSchema,
  raw: Raw,
  pointer: string,
  depth: number,
): Template | undefined {
  let merged: Template | undefined;
  for (const keyword of ["allOf", "oneOf", "anyOf"]) {
    const list = raw[keyword];
    if (!Array.isArray(list) || list.length === 0) continue;
    const chosen = keyword === "allOf" ? list.keys() : [maker.random.below(list.length)];
    for (const index of chosen) {
      const part = below(schema, keyword, index);
      if (!describesValue(maker.model, part)) continue;
      const made = make(maker, part, pointer, "", depth + 1);
      merged = isRecord(merged) && isRecord(made) ? ({ ...merged, ...made } as Template) : (made ?? merged);
    }
  }
  return merged;
}

/** A branch that only requires members, or only decides, makes no value. */
function describesValue(model: OperationModel, schema: LocatedSchema): boolean {
  const { value } = resolveSchema(model, schema);
  return (
    isRecord(value) &&
    ["type", "properties", "enum", "const", "allOf", "oneOf", "anyOf", "items", "format", "pattern"].some(
      (key) => value[key] !== undefined,
    )
  );
}

function objectOf(
  maker: Maker,
  schema: LocatedSchema,
  raw: Raw,
  pointer: string,
  depth: number,
): Record<string, Template> {
  const { random, taste } = maker;
  const properties = isRecord(raw.properties) ? raw.properties : {};
  const required = new Set(Array.isArray(raw.required) ? raw.required.map(String) : []);
  const out: Record<string, Template> = {};
  for (const name of Object.keys(properties)) {
    if (properties[name] === false || (isRecord(properties[name]) && properties[name].readOnly === true))
      continue;
    if (!required.has(name) && (depth > 4 || !random.chance(taste.optional))) continue;
    const value = make(maker, below(schema, "properties", name), `${pointer}/${name}`, name, depth + 1);
    if (value !== undefined) out[name] = value;
  }
  for (const name of required) if (!Object.hasOwn(properties, name)) out[name] = "any";
  if (isRecord(raw.additionalProperties) && random.chance(taste.optional))
    for (const name of ["alpha", "beta"].slice(0, 1 + random.below(2)))
      out[name] =
        make(maker, below(schema, "additionalProperties"), `${pointer}/${name}`, name, depth + 1) ?? "any";
  return out;
}

function arrayOf(
  maker: Maker,
  schema: LocatedSchema,
  raw: Raw,
  pointer: string,
  name: string,
  depth: number,
): Template {
  const least = typeof raw.minItems === "number" ? raw.minItems : 0;
  const most = Math.min(typeof raw.maxItems === "number" ? raw.maxItems : least + 3, least + 3);
  // One row of a table behaves as no table does: mostly there are two at least.
  const start = raw.items !== undefined && most > least && maker.random.chance(0.7) ? least + 1 : least;
  const length = depth > 5 ? least : Math.min(most, start + maker.random.below(most - start + 1));
  if (raw.items === undefined) return [];
  const items = Array.from(
    { length },
    () => make(maker, below(schema, "items"), `${pointer}/*`, singular(name), depth + 1) ?? null,
  );
  const steps = rising(items, resolveSchema(maker.model, below(schema, "items")).value, maker.random);
  return raw.uniqueItems === true
    ? [...new Map(steps.map((item) => [JSON.stringify(item), item])).values()]
    : steps;
}

/**
 * A table of steps (tiers, bands, stages) rises in some member that may be missing in its last row. Any list of
 * objects with such a member is mostly made so.
 */
function rising(items: readonly Template[], schema: unknown, random: Random): readonly Template[] {
  if (
    items.length < 2 ||
    !isRecord(schema) ||
    !isRecord(schema.properties) ||
    !items.every(isRecord) ||
    random.chance(0.15)
  )
    return items;
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const name = Object.keys(schema.properties).find(
    (each) => !required.includes(each) && items.slice(0, -1).every((item) => numeric((item as Raw)[each])),
  );
  if (name === undefined) return items;
  const rows = [...items.slice(0, -1)].sort((a, b) => Number((a as Raw)[name]) - Number((b as Raw)[name]));
  const { [name]: _, ...last } = items.at(-1) as Record<string, Template>;
  return [...rows, last];
}

const numeric = (value: unknown): boolean =>
  (typeof value === "string" || typeof value === "number") && value !== "" && Number.isFinite(Number(value));

const singular = (name: string): string => name.replace(/s$/, "");

/** Every text worth trying that the schema takes, sort by sort; what the documents name comes first. */
function textsFor(maker: Maker, schema: LocatedSchema, raw: Raw, name: string): Groups {
  const stated = [raw.examples, raw.example, raw.default].flat().filter((each) => typeof each === "string");
  const pattern = typeof raw.pattern === "string" ? raw.pattern : undefined;
  const format = typeof raw.format === "string" ? raw.format : undefined;
  // Kept for every sequence, so it may not depend on which of them asks first.
  const own = new Random(1, pattern ?? "");
  const made =
    pattern === undefined
      ? []
      : Array.from({ length: 4 }, () => textFor(pattern, own)).filter((each) => each !== undefined);
  const instants =
    format === "date-time" || (format === undefined && pattern !== undefined && /T/.test(pattern));
  const groups: Groups = [
    stated as string[],
    FORMATS[format ?? ""] ?? [],
    ...(instants ? INSTANTS : []),
    ...(pattern !== undefined && format === undefined && /0-9|\\d/.test(pattern) ? DECIMALS : []),
    UNIQUE_NAMES.test(name) && pattern?.includes("@") ? (FORMATS.email ?? []) : [],
    made,
    ...(free(raw) ? [...TEXTS, lengths(raw)] : []),
  ];
  return groups
    .map((group) =>
      [...new Set(group)].filter((each) => fits(maker.model, schema, each.replace(NONCE, "0000000"))),
    )
    .filter((group) => group.length > 0);
}

function lengths(raw: Raw): readonly string[] {
  const most = typeof raw.maxLength === "number" ? raw.maxLength : undefined;
  const least = typeof raw.minLength === "number" ? raw.minLength : 0;
  return [
    ...(most === undefined || most > 2000
      ? []
      : ["x".repeat(most), "😀".repeat(most), `${"y".repeat(Math.max(0, most - 1))} `.slice(0, most)]),
    ...(least > 0 && least < 100 ? ["z".repeat(least)] : []),
  ];
}

const known = new WeakMap<object, Groups>();

function text(maker: Maker, schema: LocatedSchema, raw: Raw, name: string): Template {
  const cached = known.get(raw);
  const groups = cached ?? textsFor(maker, schema, raw, name);
  if (cached === undefined) known.set(raw, groups);
  const { random, taste } = maker;
  const made =
    typeof raw.pattern === "string" && random.chance(0.3) ? textFor(raw.pattern, random) : undefined;
  const usable = made !== undefined && fits(maker.model, schema, made) ? made : undefined;
  const nought = groups.some((group) => group.includes("0")) && taste.edge > 0 && random.chance(NOUGHT);
  const chosen =
    (nought ? "0" : undefined) ??
    (random.chance(taste.extreme ?? 0) ? longest(groups.flat()) : undefined) ??
    (random.chance(0.1 + taste.edge * 0.3) ? trapOf(maker.model, schema) : undefined) ??
    (random.chance(taste.edge) ? random.pick(random.pick(groups) ?? []) : undefined) ??
    usable ??
    random.pick(groups.flat().slice(0, 6)) ??
    sample(maker.model, schema);
  if (typeof chosen !== "string") return (chosen ?? "any") as Template;
  if (chosen.includes(NONCE))
    return { $sym: "unique", text: chosen.replace(NONCE, `${NONCE}${random.below(1000)}`) };
  if (UNIQUE_NAMES.test(name) && raw.enum === undefined) {
    const unique = chosen.includes("@")
      ? chosen.replace("@", `-${NONCE}${random.below(1000)}@`)
      : `${chosen}-${NONCE}${random.below(1000)}`;
    if (fits(maker.model, schema, unique.replace(NONCE, "0000000"))) return { $sym: "unique", text: unique };
  }
  return chosen;
}

function numberOf(maker: Maker, schema: LocatedSchema, raw: Raw, type: string): Template {
  const { random, taste } = maker;
  const bound = (name: string): number | undefined => (typeof raw[name] === "number" ? raw[name] : undefined);
  const step = bound("multipleOf") ?? (type === "integer" ? 1 : 0.01);
  const least =
    bound("minimum") ??
    (bound("exclusiveMinimum") === undefined ? undefined : (bound("exclusiveMinimum") as number) + step);
  const most =
    bound("maximum") ??
    (bound("exclusiveMaximum") === undefined ? undefined : (bound("exclusiveMaximum") as number) - step);
  const takes = (value: number): boolean => fits(maker.model, schema, value);
  const ends = [
    least,
    least === undefined ? undefined : least + step,
    most,
    most === undefined ? undefined : most - step,
  ];
  if (most !== undefined && takes(most) && random.chance(taste.extreme ?? 0)) return most;
  if (takes(0) && taste.edge > 0 && random.chance(NOUGHT)) return 0;
  if (random.chance(taste.edge)) {
    const edge = random.pick(ends.filter((end) => end !== undefined && takes(end)));
    if (edge !== undefined) return edge;
  }
  const stated = [raw.examples, raw.example, raw.default]
    .flat()
    .filter((each) => typeof each === "number") as number[];
  const fractions = type === "number" ? [0.5, 1.25, 2.5, 9.99, 19.95, 0.1, 0.3, 1.005, 100.5, 12.34] : [];
  const small =
    most !== undefined && most - (least ?? 0) <= 5000
      ? [Math.round((least ?? 0) + random.next() * (most - (least ?? 0)))]
      : [];
  const pool = [...stated, ...INTEGERS.slice(0, 40), ...fractions, ...small].filter(takes);
  return random.pick(pool) ?? (sample(maker.model, schema) as Template) ?? 0;
}

const longest = (texts: readonly string[]): string | undefined =>
  texts.toSorted((a, b) => b.length - a.length)[0];

/** Any text will do. */
const free = (raw: Raw): boolean => raw.pattern === undefined && raw.format === undefined;

/** The text that shows whatever a rewrite tidies up, where the schema takes any text. */
export function trapOf(model: OperationModel, schema: LocatedSchema): string | undefined {
  const { value } = resolveSchema(model, schema);
  if (!isRecord(value) || ![value.type].flat().includes("string") || !free(value) || value.enum !== undefined)
    return undefined;
  return TRAPS.find((each) => fits(model, schema, each));
}
