import { type Issues, isObject, refuseUnknown } from "./reader.ts";

/** What a patch may name: `true` for a value, an object for nested members. */
export interface Patchable {
  readonly [name: string]: true | Patchable;
}

/** JSON Merge Patch (RFC 7396): `null` removes, objects merge, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else setOwn(result, name, mergePatch(Object.hasOwn(result, name) ? result[name] : undefined, value));
  }
  return result;
}

/** Refuses members the resource does not let a patch name, wherever they stand, `null` ones included. */
export function refuseUnpatchable(patch: unknown, names: Patchable, pointer: string, issues: Issues): void {
  if (!isObject(patch)) return;
  refuseUnknown(patch, names, pointer, issues);
  for (const [name, nested] of Object.entries(names))
    if (nested !== true && Object.hasOwn(patch, name))
      refuseUnpatchable(patch[name], nested, `${pointer}/${name}`, issues);
}

/** Plain assignment to `__proto__` would set the prototype. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
