import { join } from "./pointer.ts";

/** Members whose values are instances or free-form: a `$ref` inside is data. */
const DATA = new Set(["example", "default", "const", "enum", "value"]);
/** Members whose values are maps from a free name to a node: the names mean nothing. */
const MAPS = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
  "schemas",
  "responses",
  "parameters",
  "headers",
  "requestBodies",
  "securitySchemes",
  "links",
  "callbacks",
  "pathItems",
  "paths",
  "content",
  "examples",
  "mapping",
  "variables",
]);

/** Calls `visit` for every object of an OpenAPI document that is part of the description, not of its examples. */
export function walk(
  node: unknown,
  visit: (node: Readonly<Record<string, unknown>>, pointer: string) => void,
  pointer = "",
): void {
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) walk(item, visit, join(pointer, index));
    return;
  }
  if (node === null || typeof node !== "object") return;
  visit(node as Record<string, unknown>, pointer);
  for (const [key, value] of Object.entries(node)) {
    const at = join(pointer, key);
    if (key.startsWith("x-") || DATA.has(key)) continue;
    // In a schema `examples` is a list of instances; elsewhere a map of Example Objects.
    if (key === "examples" && Array.isArray(value)) continue;
    if (MAPS.has(key) && value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [name, child] of Object.entries(value)) walk(child, visit, join(at, name));
    } else walk(value, visit, at);
  }
}
