import { isObject, type Reader } from "./reader.ts";

/** A member that `null` in a patch removes. */
export const removable =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value, pointer, issues) =>
    value === null ? null : read(value, pointer, issues);

/** JSON Merge Patch (RFC 7396): `null` removes, objects merge, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
