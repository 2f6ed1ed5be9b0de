import { type LocatedSchema, type OperationModel, resolveSchema } from "../model/index.ts";
import { below, fits, isRecord } from "./pin.ts";
import { ofLength } from "./strings.ts";

type Raw = Readonly<Record<string, unknown>>;

/** Strings that people's patterns and formats tend to take. */
const STRINGS = [
  ...[
    "a",
    "A",
    "1",
    "aa",
    "AA",
    "Sample text",
    "sample_1",
    "1.5",
    "user@example.com",
    "https://example.com/a",
  ],
  ...[
    "2026-01-31T09:30:00.000Z",
    "2026-01-31",
    "09:30:00Z",
    "6f1c2d3e-4b5a-4c7d-8e9f-0a1b2c3d4e5f",
    "127.0.0.1",
  ],
  ...["example.com", "P1D", "/a", "::1"],
];

/**
 * A valid value of a schema, without chance: its constant, example or default, else made up.
 * @param variant another one, where the schema has many; for lists of distinct items
 * @returns `undefined` when none was found
 */
export function sample(model: OperationModel, unresolved: LocatedSchema, variant = 0, depth = 0): unknown {
  if (depth > 12) return undefined;
  const schema = resolveSchema(model, unresolved);
  if (!isRecord(schema.value)) return schema.value ? "any" : undefined;
  const valid = (values: readonly unknown[]) =>
    values.filter((value) => value !== undefined && fits(model, unresolved, value));
  const given = valid(stated(schema.value));
  if (given.length > variant) return given[variant];
  const all = [...given, ...valid(made(model, schema, schema.value, variant, depth))];
  if (all.length > 0) return all[variant % all.length];
  // A rule over optional members may need some of them.
  const child = (...names: (string | number)[]) => sample(model, below(schema, ...names), variant, depth + 1);
  return valid([membersOf(schema.value, Object.keys((schema.value.properties ?? {}) as object), child)])[0];
}

function stated(raw: Raw): readonly unknown[] {
  const lists = [raw.enum, raw.examples].flatMap((list) => (Array.isArray(list) ? list : []));
  return [raw.const, ...lists, raw.example, raw.default];
}

function made(
  model: OperationModel,
  schema: LocatedSchema,
  raw: Raw,
  variant: number,
  depth: number,
): readonly unknown[] {
  const child = (...names: (string | number)[]) => sample(model, below(schema, ...names), variant, depth + 1);
  const branches = ["oneOf", "anyOf", "allOf"].flatMap((keyword) => {
    const list = raw[keyword];
    return Array.isArray(list) ? list.map((_, index) => child(keyword, index)) : [];
  });
  // allOf, and branches beside properties: all of them at once.
  const object = Object.assign({}, objectOf(raw, child), ...branches.filter(isRecord)) as unknown;
  const types = raw.type === undefined ? ["object", "string", "integer"] : [raw.type].flat().map(String);
  return [
    ...branches,
    ...types.flatMap((type) => (type === "object" ? [object] : ofType(type, raw, variant, child))),
  ];
}

function objectOf(raw: Raw, child: (...names: (string | number)[]) => unknown): Raw {
  return membersOf(raw, Array.isArray(raw.required) ? raw.required.map(String) : [], child);
}

function membersOf(
  raw: Raw,
  names: readonly string[],
  child: (...names: (string | number)[]) => unknown,
): Raw {
  const properties = isRecord(raw.properties) ? raw.properties : {};
  const members = names.map((name) => [
    name,
    Object.hasOwn(properties, name) ? child("properties", name) : "any",
  ]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function ofType(
  type: string,
  raw: Raw,
  variant: number,
  child: (...names: (string | number)[]) => unknown,
): readonly unknown[] {
  const number = (name: string, or: number) => (typeof raw[name] === "number" ? (raw[name] as number) : or);
  switch (type) {
    case "array": {
      const item = isRecord(raw.items) ? child("items") : "any";
      return [Array.from({ length: Math.max(1, number("minItems", 1)) }, () => item)];
    }
    case "string": {
      const texts = [...literalStart(raw.pattern), ...STRINGS];
      return texts.flatMap((text) => [
        variant === 0 ? text : text + variant,
        ofLength(text, number("minLength", 1)),
      ]);
    }
    case "integer":
    case "number": {
      const low = number(
        "minimum",
        number("exclusiveMinimum", 0) + (raw.exclusiveMinimum === undefined ? 0 : 1),
      );
      const step = number("multipleOf", 1);
      return [Math.ceil(low / step) * step + variant * step, number("maximum", 0)];
    }
    case "boolean":
      return [variant % 2 === 0, variant % 2 !== 0];
    case "null":
      return [null];
    default:
      return [];
  }
}

/** What a pattern such as `^plan_[a-z]+$` begins with, and something behind. */
function literalStart(pattern: unknown): readonly string[] {
  const literal = typeof pattern === "string" ? /^\^([A-Za-z0-9_:/-]+)/.exec(pattern)?.[1] : undefined;
  return literal === undefined ? [] : [`${literal}a1`, literal, `${literal}${"a1".repeat(16)}`];
}

/** One more item for a list; another one for each variant. */
export function sampleItem(model: OperationModel, list: LocatedSchema, variant: number): unknown {
  return isRecord(list.value) && isRecord(list.value.items)
    ? sample(model, below(list, "items"), variant)
    : variant;
}
