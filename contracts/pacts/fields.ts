import { type LocatedSchema, type OperationModel, resolveSchema } from "../../openapi/model/index.ts";

/** Deeper than any reply of the documents; ends recursive schemas. */
const DEEPEST = 8;

/**
 * Every member that a value of a schema may have, as JSON Pointers with `*` for any item, from the outside in. All
 * alternatives count.
 */
export function fieldsOf(
  model: OperationModel,
  schema: LocatedSchema | undefined,
  at = "",
): readonly string[] {
  if (schema === undefined || at.split("/").length > DEEPEST) return [];
  const { file, pointer, value } = resolveSchema(model, schema);
  if (typeof value === "boolean") return [];
  const inner = (step: string, of: unknown, path: string): readonly string[] =>
    fieldsOf(model, { file, pointer: `${pointer}/${step}`, value: of as LocatedSchema["value"] }, path);
  const members = Object.entries((value.properties ?? {}) as Record<string, unknown>).flatMap(
    ([name, member]) => [`${at}/${name}`, ...inner(`properties/${name}`, member, `${at}/${name}`)],
  );
  const items = value.items === undefined ? [] : inner("items", value.items, `${at}/*`);
  const branches = ["oneOf", "anyOf", "allOf"].flatMap((word) =>
    ((value[word] ?? []) as readonly unknown[]).flatMap((branch, index) =>
      inner(`${word}/${index}`, branch, at),
    ),
  );
  return [...new Set([...members, ...items, ...branches])];
}
