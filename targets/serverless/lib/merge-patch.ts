import { type Fault, invalid } from "./problem.ts";
import { below, isObject, type Schema } from "./schema.ts";

/**
 * Applies a JSON Merge Patch (RFC 7396) to the patchable part of a resource and validates what results.
 * `schema` describes that part; members it does not know are refused, also as `null`.
 * @throws Problem 422 with every fault
 */
export function applyPatch<T extends object>(schema: Schema<T>, current: T, patch: unknown): T {
  if (!isObject(patch)) throw invalid([{ pointer: "", detail: "must be an object" }]);
  const faults: Fault[] = [];
  const merged = merge(schema, current, patch, "", faults);
  const checked = schema.check(merged, "", faults);
  if (faults.length > 0 || checked === undefined) throw invalid(faults);
  return checked;
}

/** Follows the schema, not the patch, so that no depth of nesting in a patch can exhaust the stack. */
function merge(
  schema: Schema<unknown>,
  target: unknown,
  patch: Readonly<Record<string, unknown>>,
  at: string,
  faults: Fault[],
): unknown {
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    const member = schema.members && Object.hasOwn(schema.members, name) ? schema.members[name] : undefined;
    if (!member) faults.push({ pointer: below(at, name), detail: "is not known or cannot be changed" });
    else if (value === null) result.delete(name);
    else if (member.members && isObject(value))
      result.set(name, merge(member, result.get(name), value, below(at, name), faults));
    else result.set(name, value);
  }
  return Object.fromEntries(result);
}
