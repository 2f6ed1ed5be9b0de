import type { ErrorObject } from "ajv/dist/2020.js";
import { type LocatedSchema, type OperationModel, resolveSchema } from "../model/index.ts";
import { join } from "../model/pointer.ts";

/**
 * Ajv reports the breaches of every branch of a `oneOf` or `anyOf`, though the value was meant for one. Keeps those
 * of the branch that fits best: no constant of its own broken, then the fewest breaches. Where no branch's
 * constants fit, only the combinator itself is left.
 */
export function explain(
  model: OperationModel,
  root: LocatedSchema,
  errors: readonly ErrorObject[],
): readonly ErrorObject[] {
  // `if` only says that `then` or `else`, reported too, does not hold.
  let left = errors.filter((error) => error.keyword !== "if");
  const combined = left.filter(({ keyword }) => keyword === "oneOf" || keyword === "anyOf");
  if (combined.length === 0) return left;
  const places = reach(model, root);
  for (const error of combined) {
    const schema = places.get(error.parentSchema as object);
    if (schema === undefined) continue;
    const branches = (error.schema as readonly unknown[]).map((value, index) => {
      const at = { file: schema.file, pointer: join(schema.pointer, error.keyword, index) };
      const inside = reach(model, { ...at, value: value as LocatedSchema["value"] });
      return left.filter((each) => inside.has(each.parentSchema as object) && within(each, error));
    });
    const owned = new Set(branches.flat());
    const best = bestOf(branches, error);
    const dropped = (each: ErrorObject) =>
      best === undefined ? owned.has(each) : each === error || (owned.has(each) && !best.includes(each));
    left = left.filter((each) => !dropped(each));
  }
  // Whatever is left out, a refused value never comes out clean.
  return left.length > 0 ? left : errors;
}

const within = (inner: ErrorObject, outer: ErrorObject) =>
  inner !== outer && `${inner.instancePath}/`.startsWith(`${outer.instancePath}/`);

/** `undefined` when every branch is refused by a constant, or by the type, of its own. */
function bestOf(
  branches: readonly (readonly ErrorObject[])[],
  error: ErrorObject,
): readonly ErrorObject[] | undefined {
  const depth = error.instancePath.split("/").length;
  const meant = branches.filter(
    (own) =>
      own.length > 0 &&
      !own.some(
        ({ keyword, instancePath }) =>
          (keyword === "const" && instancePath.split("/").length === depth + 1) ||
          (keyword === "type" && instancePath === error.instancePath),
      ),
  );
  return meant.toSorted((a, b) => a.length - b.length)[0];
}

/** Every schema object that validating may come to, and where it stands. */
function reach(model: OperationModel, root: LocatedSchema): ReadonlyMap<object, LocatedSchema> {
  const found = new Map<object, LocatedSchema>();
  const visit = ({ file, pointer, value }: LocatedSchema): void => {
    if (value === null || typeof value !== "object" || found.has(value)) return;
    found.set(value, { file, pointer, value });
    if (typeof (value as { $ref?: unknown }).$ref === "string")
      visit(resolveSchema(model, { file, pointer, value }));
    for (const [key, child] of Object.entries(value))
      visit({ file, pointer: join(pointer, key), value: child as LocatedSchema["value"] });
  };
  visit(root);
  return found;
}
