import { join, replaceAt, valueAt } from "../model/pointer.ts";
import type { Site } from "./pin.ts";
import { isRecord } from "./pin.ts";
import { grow, ofLength } from "./strings.ts";

/** A body that may break a site's keyword, and nothing else; Ajv has the last word. */
export interface Candidate {
  readonly body: unknown;
  /** Where the breach is reported: the member itself where one is missing or unknown. */
  readonly pointer: string;
  /** Where it may be reported as well: a rule over several members can point at any of them. */
  readonly elsewhere?: readonly string[];
  /** Candidates of one variant are alternatives; each variant is a violation of its own. */
  readonly variant: string;
}

export interface Helpers {
  readonly body: unknown;
  /** The patterns that hold at a place. */
  patternsAt(pointer: string): readonly RegExp[];
  /** A valid member of the object at a pointer. */
  sampleMember(objectPointer: string, name: string): unknown;
  /** Bodies' values near that of a site which satisfy what stands under its `not`. */
  towardsNot(site: Site): readonly unknown[];
  /** Members whose constants tell the branches of a site apart. */
  discriminators(site: Site): readonly string[];
  /** One more item for the list of a site. */
  sampleItem(site: Site, variant: number): unknown;
}

/** A name that no schema has. */
const UNKNOWN = "unknownMember";

/** What might break the keyword of a site, the likeliest first. */
export function candidatesFor(site: Site, helpers: Helpers): readonly Candidate[] {
  const { pointer, keyword, argument, value } = site;
  const put = (other: unknown, variant = keyword): Candidate => ({
    body: replaceAt(helpers.body, pointer, other),
    pointer,
    variant,
  });
  const member = (name: string, other: unknown, variant = keyword): Candidate => ({
    body: replaceAt(helpers.body, join(pointer, name), other),
    pointer: join(pointer, name),
    variant,
  });
  const limit = Number(argument);
  switch (keyword) {
    case "type":
      return wrongTypes([argument].flat().map(String)).map(([variant, other]) => put(other, variant));
    case "required":
      return (argument as readonly string[]).map((name) => member(name, undefined, `required ${name}`));
    case "minLength":
      return typeof value === "string" ? [put(ofLength(value, limit - 1)), put("a".repeat(limit - 1))] : [];
    case "maxLength": {
      if (typeof value !== "string") return [];
      const patterns = helpers.patternsAt(pointer);
      const longer = grow(value, limit + 1, (text) => patterns.every((pattern) => pattern.test(text)));
      return longer === undefined ? [put(ofLength(value, limit + 1))] : [put(longer)];
    }
    case "pattern":
      return typeof value === "string" ? disfigured(value).map((text) => put(text)) : [];
    case "format":
      return typeof value === "string" ? malformed(String(argument)).map((text) => put(text)) : [];
    case "enum":
    case "const":
      return strangers(value).map((other) => put(other));
    case "minimum":
      return [put(limit - 1)];
    case "maximum":
      return [put(limit + 1), put(limit * 2)];
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return [put(limit)];
    case "multipleOf":
      return typeof value === "number" ? [put(value + limit / 2)] : [];
    case "minItems":
      return Array.isArray(value) ? [put(value.slice(0, limit - 1))] : [];
    case "maxItems":
      return Array.isArray(value) ? [put(lengthened(site, value, limit + 1, helpers))] : [];
    case "uniqueItems":
      return Array.isArray(value) && value.length > 0
        ? [put([...value, value[0]]), put([value[0], value[0]])]
        : [];
    case "additionalProperties":
    case "unevaluatedProperties":
      return argument === false && isRecord(value) ? [member(UNKNOWN, "x")] : [];
    case "minProperties":
      return isRecord(value) ? [put(Object.fromEntries(Object.entries(value).slice(0, limit - 1)))] : [];
    case "maxProperties":
      return isRecord(value) ? [put({ ...value, ...manyMembers(limit) })] : [];
    case "propertyNames":
      return ["", "!!", "A b"].map((name) => ({ ...member(name, "x"), pointer }));
    case "dependentRequired":
      return Object.values(argument as Record<string, readonly string[]>)
        .flat()
        .map((name) => member(name, undefined, `dependentRequired ${name}`));
    case "false schema":
      return [put(helpers.sampleMember(...parentOf(pointer)))];
    case "anyOf":
    case "oneOf":
      return [
        ...combined(argument as readonly unknown[], site, helpers).map((other) => ruled(put(other), site)),
        ...helpers.discriminators(site).map((name) => member(name, "no_such_value")),
        ...["text", 7, true, {}, []].map((other) => put(other)),
      ];
    case "not":
      return helpers.towardsNot(site).map((other) => ruled(put(other), site));
    default:
      return [];
  }
}

/** A rule over members may be reported at the object, or at a member that was added or left out. */
function ruled(candidate: Candidate, site: Site): Candidate {
  const before = isRecord(site.value) ? site.value : {};
  const after = valueAt(candidate.body, site.pointer);
  const names = new Set([...Object.keys(before), ...Object.keys(isRecord(after) ? after : {})]);
  const changed = [...names].filter(
    (name) => Object.hasOwn(before, name) !== (isRecord(after) && Object.hasOwn(after, name)),
  );
  return { ...candidate, elsewhere: changed.map((name) => join(site.pointer, name)) };
}

function wrongTypes(types: readonly string[]): readonly (readonly [variant: string, value: unknown])[] {
  const all: Readonly<Record<string, unknown>> = {
    string: "text",
    integer: 7,
    boolean: true,
    object: {},
    array: [],
  };
  const numeric = types.includes("number") || types.includes("integer");
  const other = Object.entries(all).filter(
    ([type]) => !types.includes(type) && !(type === "integer" && numeric),
  );
  return [
    ...other.map(([, value]) => ["type", value] as const),
    ...(types.includes("null") ? [] : [["type null", null] as const]),
    // Two of them, for schemas with a minimum between.
    ...(types.includes("integer") && !types.includes("number")
      ? [0.5, 1.5].map((value) => ["type fraction", value] as const)
      : []),
  ];
}

function disfigured(text: string): readonly string[] {
  const head = text.slice(0, -1);
  return [
    `${head}!`,
    `!${text.slice(1)}`,
    `${text}!`,
    "!",
    text.toLowerCase(),
    text.toUpperCase(),
    ` ${text}`,
    " ",
    "",
  ];
}

/** A date that the calendar does not have breaks the format alone, where a pattern holds the shape. */
function malformed(format: string): readonly string[] {
  const dates = ["2026-02-30T12:00:00Z", "2026-02-30T12:00:00.000Z", "2026-02-30"];
  return [...(format.startsWith("date") ? dates : []), `not a ${format}`, "::", "%", " ", "http://[", ""];
}

function strangers(value: unknown): readonly unknown[] {
  if (typeof value === "string")
    return ["no_such_value", `${value}x`, ofLength("zzzzzzzz", [...value].length), "ZZZ"];
  if (typeof value === "number") return [value + 1, value - 1, value + 1000];
  if (typeof value === "boolean") return [!value];
  return ["no_such_value"];
}

function lengthened(
  site: Site,
  items: readonly unknown[],
  length: number,
  helpers: Helpers,
): readonly unknown[] {
  const unique = isRecord(site.schema.value) && site.schema.value.uniqueItems === true;
  const longer = [...items];
  for (let index = longer.length; index < length; index++)
    longer.push(
      unique ? helpers.sampleItem(site, index) : (items[index % Math.max(1, items.length)] ?? null),
    );
  return longer;
}

function manyMembers(count: number): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Array.from({ length: count + 1 }, (_, index) => [`extra${index}`, "x"]));
}

/** None of the branches that require members; or, for `oneOf`, more than one of them. */
function combined(branches: readonly unknown[], site: Site, helpers: Helpers): readonly unknown[] {
  if (!isRecord(site.value)) return [];
  const names = branches.flatMap((branch) =>
    isRecord(branch) && Array.isArray(branch.required) ? branch.required.map(String) : [],
  );
  if (names.length === 0) return [];
  const without = Object.fromEntries(Object.entries(site.value).filter(([name]) => !names.includes(name)));
  const withAll = { ...site.value };
  for (const name of names) withAll[name] ??= helpers.sampleMember(site.pointer, name);
  return site.keyword === "oneOf" ? [without, withAll] : [without];
}

function parentOf(pointer: string): [parent: string, name: string] {
  const cut = pointer.lastIndexOf("/");
  return [
    pointer.slice(0, cut),
    pointer
      .slice(cut + 1)
      .replaceAll("~1", "/")
      .replaceAll("~0", "~"),
  ];
}
