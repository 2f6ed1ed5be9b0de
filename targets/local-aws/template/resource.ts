import type { Scope } from "./intrinsics.ts";
import { resolve } from "./intrinsics.ts";
import { Shape } from "./shape.ts";

/** A resource before its properties are resolved. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly path: string;
  readonly raw: Shape;
  /** The physical name: the property `key`, or one derived from the logical id. */
  name(key: string): string;
}

export interface Reader {
  readonly scope: Scope;
  /** The template's folder; paths in the template are relative to it. */
  readonly folder: string;
  /** Collects what is present and has no effect here. */
  readonly notEmulated: string[];
}

/**
 * Resolves the properties that are read. Ignored ones are only noted, so that, for instance, a policy may use
 * functions this machine does not know.
 */
export function properties(
  resource: Resource,
  reader: Reader,
  read: readonly string[],
  ignored: readonly string[] = [],
): Shape {
  reader.notEmulated.push(...resource.raw.allow(read, ignored));
  const kept = Object.fromEntries(Object.entries(resource.raw.value).filter(([key]) => read.includes(key)));
  return new Shape(resolve(kept, reader.scope, resource.raw.path), resource.raw.path);
}

/** SAM's rule for `Globals`: maps are merged, lists are joined with the global part first, the rest is replaced. */
export function mergeGlobals(resource: Resource, globals: Shape): Resource {
  return { ...resource, raw: new Shape(merge(globals.value, resource.raw.value), resource.raw.path) };
}

function merge(base: unknown, own: unknown): unknown {
  if (own === undefined) return base;
  if (Array.isArray(base) && Array.isArray(own)) return [...base, ...own];
  if (!isPlain(base) || !isPlain(own)) return own;
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) out[key] = merge(base[key], value);
  return out;
}

/** A call such as `{"Ref": …}` is a value, not a map to merge into. */
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !Object.keys(value).some((key) => key === "Ref" || key.startsWith("Fn::"));
