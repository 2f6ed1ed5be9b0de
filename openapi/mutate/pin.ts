import { schemaUri, validatorOf } from "../conformance/index.ts";
import { type LocatedSchema, type OperationModel, resolveSchema } from "../model/index.ts";
import { join } from "../model/pointer.ts";

/** One keyword that applies to one place of a body. */
export interface Site {
  /** Into the body. */
  readonly pointer: string;
  readonly keyword: string;
  /** What the schema says behind the keyword. */
  readonly argument: unknown;
  /** The schema object that the keyword stands in. */
  readonly schema: LocatedSchema;
  /** What the body has there. */
  readonly value: unknown;
}

export interface Pinned {
  /** Accepts the body; every alternative is replaced by those that the body took. */
  readonly schema: object;
  readonly sites: readonly Site[];
}

/** A combinator taken out of a pinned schema. */
export interface Drop {
  readonly pointer: string;
  readonly keyword: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** They say nothing about a value. */
const ANNOTATIONS =
  /^(\$id|\$anchor|\$schema|\$comment|\$defs|definitions|title|description|examples?|default|deprecated|readOnly|writeOnly|discriminator|externalDocs|xml|nullable|x-.*)$/;

/**
 * The schema as it applies to one valid body: references followed and `oneOf`, `anyOf`, `if` decided, so that
 * each error it reports names the one keyword that is broken.
 */
export function pin(model: OperationModel, schema: LocatedSchema, body: unknown, drop?: Drop): Pinned {
  const sites: Site[] = [];
  return { schema: asObject(pinAt({ model, sites, drop }, schema, body, "")), sites };
}

interface Walk {
  readonly model: OperationModel;
  readonly sites: Site[];
  readonly drop: Drop | undefined;
}

function pinAt(walk: Walk, unresolved: LocatedSchema, value: unknown, pointer: string): unknown {
  const followed = resolveSchema(walk.model, unresolved);
  // JSON Schema 2020-12 lets a $ref have siblings.
  const beside =
    typeof unresolved.value === "object" && Object.keys(unresolved.value).some((key) => key !== "$ref");
  if (followed !== unresolved && beside)
    return { allOf: [pinAt(walk, followed, value, pointer), pinObject(walk, unresolved, value, pointer)] };
  return pinObject(walk, followed, value, pointer);
}

function pinObject(walk: Walk, schema: LocatedSchema, value: unknown, pointer: string): unknown {
  if (typeof schema.value === "boolean") return schema.value;
  const raw = schema.value as Raw;
  const out: Record<string, unknown> = {};
  const all: unknown[] = [];
  for (const [keyword, argument] of Object.entries(raw)) {
    if (keyword === "$ref" || ANNOTATIONS.test(keyword)) continue;
    if (walk.drop?.pointer === pointer && walk.drop.keyword === keyword) continue;
    const sub = (...names: (string | number)[]) => below(schema, keyword, ...names);
    const here = (child: LocatedSchema) => pinAt(walk, child, value, pointer);
    switch (keyword) {
      case "properties":
        out.properties = pinProperties(walk, schema, value, pointer);
        break;
      case "prefixItems":
      case "items":
        Object.assign(out, pinItems(walk, schema, value, pointer));
        break;
      case "allOf":
        all.push(...indexes(argument).map((index) => here(sub(index))));
        break;
      case "anyOf":
      case "oneOf": {
        walk.sites.push({ pointer, keyword, argument, schema, value });
        const taken = indexes(argument).filter((index) => fits(walk.model, sub(index), value));
        all.push(...taken.filter((index) => !onlyRequires(sub(index))).map((index) => here(sub(index))));
        // Branches that only require members stay together: which of them is missing is the combinator's matter.
        if (taken.some((index) => onlyRequires(sub(index)))) out[keyword] = absolute(schema, keyword);
        break;
      }
      case "if": {
        const branch = fits(walk.model, sub(), value) ? "then" : "else";
        if (raw[branch] !== undefined) all.push(here(below(schema, branch)));
        break;
      }
      case "then":
      case "else":
        break;
      default:
        if (!idle(keyword, argument)) walk.sites.push({ pointer, keyword, argument, schema, value });
        out[keyword] = HOLDS_SCHEMAS.test(keyword) ? absolute(schema, keyword) : argument;
    }
  }
  return all.length === 0 ? out : { ...out, allOf: all };
}

/** What no value can break. */
function idle(keyword: string, argument: unknown): boolean {
  return argument === true
    ? /^(additional|unevaluated)/.test(keyword)
    : argument === false || argument === 0
      ? /^(uniqueItems|minLength|minItems|minProperties)$/.test(keyword)
      : false;
}

function pinProperties(walk: Walk, schema: LocatedSchema, value: unknown, pointer: string): Raw {
  const properties = (schema.value as Raw).properties as Raw;
  return Object.fromEntries(
    Object.entries(properties).map(([name, argument]) => {
      const sub = below(schema, "properties", name);
      if (isRecord(value) && Object.hasOwn(value, name))
        return [name, pinAt(walk, sub, value[name], join(pointer, name))];
      if (argument === false)
        walk.sites.push({
          pointer: join(pointer, name),
          keyword: "false schema",
          argument,
          schema,
          value: undefined,
        });
      return [name, reference(sub)];
    }),
  );
}

function pinItems(walk: Walk, schema: LocatedSchema, value: unknown, pointer: string): Raw {
  const raw = schema.value as Raw;
  const prefix = Array.isArray(raw.prefixItems) ? raw.prefixItems.length : 0;
  const rest = raw.items === undefined ? {} : { items: reference(below(schema, "items")) };
  const length = Array.isArray(value) ? value.length : 0;
  const pinned = Array.from({ length: Math.max(prefix, length) }, (_, index) => {
    const sub = index < prefix ? below(schema, "prefixItems", index) : below(schema, "items");
    if (index >= prefix && raw.items === undefined) return true;
    return index < length
      ? pinAt(walk, sub, (value as readonly unknown[])[index], join(pointer, index))
      : reference(sub);
  });
  return pinned.length === 0 ? rest : { ...rest, prefixItems: pinned };
}

/** Whether a value satisfies a schema of the model. */
export function fits(model: OperationModel, schema: LocatedSchema, value: unknown): boolean {
  return validatorOf(model, schema)(value).length === 0;
}

function onlyRequires(schema: LocatedSchema): boolean {
  const keys = isRecord(schema.value)
    ? Object.keys(schema.value).filter((key) => !ANNOTATIONS.test(key))
    : [];
  return keys.length === 1 && keys[0] === "required";
}

/** The subschema under a keyword. */
export function below(schema: LocatedSchema, ...names: readonly (string | number)[]): LocatedSchema {
  let value: unknown = schema.value;
  for (const name of names) value = (value as Raw)[String(name)];
  return {
    file: schema.file,
    pointer: join(schema.pointer, ...names),
    value: value as LocatedSchema["value"],
  };
}

function reference(schema: LocatedSchema): unknown {
  return typeof schema.value === "boolean" ? schema.value : { $ref: schemaUri(schema.file, schema.pointer) };
}

/** A keyword's schemas, by reference to where they stand. */
function absolute(schema: LocatedSchema, keyword: string): unknown {
  const argument = (schema.value as Raw)[keyword];
  if (Array.isArray(argument)) return argument.map((_, index) => reference(below(schema, keyword, index)));
  if (keyword === "patternProperties" || keyword === "dependentSchemas")
    return Object.fromEntries(
      Object.keys(argument as Raw).map((name) => [name, reference(below(schema, keyword, name))]),
    );
  return reference(below(schema, keyword));
}

const HOLDS_SCHEMAS =
  /^(not|contains|propertyNames|additionalProperties|unevaluated.*|patternProperties|dependentSchemas)$/;

function indexes(list: unknown): readonly number[] {
  return Array.isArray(list) ? list.map((_, index) => index) : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function asObject(schema: unknown): object {
  return typeof schema === "boolean" ? (schema ? {} : { not: {} }) : (schema as object);
}
