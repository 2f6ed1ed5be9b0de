import { type Fault, invalid } from "./problem.ts";
import { below, isObject, type Patchable, type Schema, validate } from "./schema.ts";

/**
 * Applies a JSON Merge Patch (RFC 7396) to the patchable part of a resource. `schema` describes that part. The
 * patch itself is looked at first: only known members, `null` only where a member may be absent, and every
 * value valid on its own. Then what results is validated as a whole.
 * @throws Problem 422 with every fault of the first of the two that has any
 */
export function applyPatch<T extends object>(schema: Schema<T>, current: T, patch: unknown): T {
  const faults: Fault[] = [];
  const merged = merge(schema, current, patch, "", faults);
  if (faults.length > 0) throw invalid(faults);
  return validate(schema, merged);
}

/** Follows the schema, not the patch, so that no depth of nesting in a patch can exhaust the stack. */
function merge(
  schema: Schema<unknown>,
  target: unknown,
  patch: unknown,
  at: string,
  faults: Fault[],
): unknown {
  const { patchable } = schema;
  if (!patchable) return schema.check(patch, at, faults);
  if (!isObject(patch)) {
    faults.push({ pointer: at, detail: "must be an object" });
    return undefined;
  }
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    const change = changeOf(patchable, name, value, result.get(name), below(at, name), faults);
    if (change === undefined) result.delete(name);
    else result.set(name, change);
  }
  return Object.fromEntries(result);
}

/** The new value of one member; undefined when it goes, or after a fault. */
function changeOf(
  { members, removable }: Patchable,
  name: string,
  value: unknown,
  target: unknown,
  at: string,
  faults: Fault[],
): unknown {
  const member = Object.hasOwn(members, name) ? members[name] : undefined;
  if (!member) faults.push({ pointer: at, detail: "is not known or cannot be changed" });
  else if (value !== null) return merge(member, target, value, at, faults);
  else if (!removable(name)) faults.push({ pointer: at, detail: "cannot be removed" });
  return undefined;
}
