import { JSONPath } from "jsonpath-plus";
import type { JsonPath } from "./types.ts";

/**
 * Reads a JSONPath. `$`, `.name` and `[0]` name exactly one value and are followed here; everything else is left
 * to jsonpath-plus, which Artillery uses, and whose `eval` is off: an expression can only compare.
 * @returns undefined for what is no path
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (/^\$(?:\.[A-Za-z_]\w*|\[\d+\])*$/.test(text)) {
    const keys = [...text.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
    return { text, keys };
  }
  // jsonpath-plus takes a path that is cut off for one that finds nothing.
  if (!/^\$(\.|\[)/.test(text) || !isClosed(text)) return undefined;
  try {
    find(text, {});
    return { text };
  } catch {
    return undefined;
  }
}

/** Whether each quote and bracket is closed, in turn. */
function isClosed(path: string): boolean {
  let rest = path.replace(/'[^']*'|"[^"]*"/g, "");
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replace(/\[[^[\]()'"]*\]|\([^[\]()'"]*\)/g, "");
  }
  return !/[[\]()'"]/.test(rest);
}

/** The value at `path`, the first of several; undefined when there is none. */
export function valueAt(path: JsonPath, root: unknown): unknown {
  if (path.keys === undefined) {
    return typeof root === "object" && root !== null ? find(path.text, root)[0] : undefined;
  }
  return path.keys.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}

function find(path: string, json: object): readonly unknown[] {
  return JSONPath({ path, json, wrap: true, eval: "safe" }) as readonly unknown[];
}
