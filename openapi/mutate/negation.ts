import { type LocatedSchema, type OperationModel, resolveSchema } from "../model/index.ts";
import { below, isRecord } from "./pin.ts";

type Sample = (name: string) => unknown;

/**
 * Values near `value` that may satisfy what stands under a `not`: members added or removed, constants set.
 * @param member a valid value for a member that has to be added
 */
export function towards(
  model: OperationModel,
  unresolved: LocatedSchema,
  value: unknown,
  member: Sample,
): readonly unknown[] {
  const schema = resolveSchema(model, unresolved);
  const raw = schema.value;
  if (!isRecord(raw)) return [value];
  if (Object.hasOwn(raw, "const")) return [raw.const];
  let options: readonly unknown[] = [value];
  if (isRecord(value)) options = [withMembers(model, schema, value, member)];
  for (const keyword of ["anyOf", "oneOf", "allOf"]) {
    const branches = raw[keyword];
    if (!Array.isArray(branches)) continue;
    const steps = branches.map(
      (_, index) => (each: unknown) => towards(model, below(schema, keyword, index), each, member),
    );
    options =
      keyword === "allOf"
        ? steps.reduce<readonly unknown[]>((all, step) => all.flatMap(step), options)
        : options.flatMap((each) => steps.flatMap((step) => step(each)));
  }
  return options;
}

function withMembers(
  model: OperationModel,
  schema: LocatedSchema,
  value: Readonly<Record<string, unknown>>,
  member: Sample,
): unknown {
  const raw = schema.value as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = { ...value };
  for (const name of names(raw.required)) out[name] ??= member(name);
  if (isRecord(raw.not)) for (const name of names(raw.not.required)) delete out[name];
  if (isRecord(raw.properties))
    for (const [name, sub] of Object.entries(raw.properties)) {
      if (sub === false) delete out[name];
      else if (Object.hasOwn(out, name))
        out[name] = towards(model, below(schema, "properties", name), out[name], () => "any")[0];
    }
  return out;
}

const names = (list: unknown): readonly string[] => (Array.isArray(list) ? list.map(String) : []);
