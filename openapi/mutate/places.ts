import { type LocatedSchema, type OperationModel, resolveSchema } from "../model/index.ts";
import { tokens } from "../model/pointer.ts";
import { below, isRecord } from "./pin.ts";

/** Every schema that any alternative has for a place of a body. */
function schemasAt(model: OperationModel, schema: LocatedSchema, pointer: string): readonly LocatedSchema[] {
  let at = parts(model, schema);
  for (const token of tokens(pointer))
    at = at.flatMap((each) => children(each, token)).flatMap((each) => parts(model, each));
  return at;
}

/** The first schema that any alternative has for a member of the object at a place. */
export function memberSchema(
  model: OperationModel,
  schema: LocatedSchema,
  pointer: string,
  name: string,
): LocatedSchema | undefined {
  return schemasAt(model, schema, pointer)
    .flatMap((each) => children(each, name))
    .find((found) => found.value !== false);
}

/** What any alternative names in the object at a place. */
export function memberNames(
  model: OperationModel,
  schema: LocatedSchema,
  pointer: string,
): readonly string[] {
  const names = schemasAt(model, schema, pointer).flatMap(({ value }) =>
    isRecord(value) && isRecord(value.properties) ? Object.keys(value.properties) : [],
  );
  return [...new Set(names)];
}

/** Members that hold a constant in every branch of a `oneOf` or `anyOf`. */
export function discriminators(
  model: OperationModel,
  schema: LocatedSchema,
  keyword: string,
): readonly string[] {
  const list = isRecord(schema.value) ? schema.value[keyword] : undefined;
  const branches = Array.isArray(list) ? list.map((_, index) => below(schema, keyword, index)) : [];
  const constants = branches.map((branch) =>
    memberNames(model, branch, "").filter((name) => {
      const member = memberSchema(model, branch, "", name);
      const value = member === undefined ? undefined : resolveSchema(model, member).value;
      return isRecord(value) && Object.hasOwn(value, "const");
    }),
  );
  return (constants[0] ?? []).filter((name) => constants.every((names) => names.includes(name)));
}

/** The schema itself, resolved, and its alternatives. */
function parts(model: OperationModel, unresolved: LocatedSchema): readonly LocatedSchema[] {
  const schema = resolveSchema(model, unresolved);
  const { value } = schema;
  if (!isRecord(value)) return [schema];
  const listed = ["allOf", "oneOf", "anyOf"].flatMap((keyword) => {
    const list = value[keyword];
    return Array.isArray(list) ? list.map((_, index) => below(schema, keyword, index)) : [];
  });
  const decided = ["then", "else"]
    .filter((keyword) => isRecord(value[keyword]))
    .map((name) => below(schema, name));
  return [schema, ...[...listed, ...decided].flatMap((part) => parts(model, part))];
}

function children(schema: LocatedSchema, name: string): readonly LocatedSchema[] {
  const raw = schema.value;
  if (!isRecord(raw)) return [];
  if (isRecord(raw.properties) && Object.hasOwn(raw.properties, name))
    return [below(schema, "properties", name)];
  return /^\d+$/.test(name) && isRecord(raw.items) ? [below(schema, "items")] : [];
}
