import type { JsonPath } from "./types.ts";

/** Reads `$`, `.name` and `[0]`, the part of JSONPath that names exactly one value; undefined for anything else. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!/^\$(?:\.[A-Za-z_]\w*|\[\d+\])*$/.test(text)) return undefined;
  const keys = [...text.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
  return { text, keys };
}

/** The value at `path`; undefined when there is none. */
export function valueAt(path: JsonPath, root: unknown): unknown {
  return path.keys.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}
