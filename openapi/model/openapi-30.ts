/**
 * What OpenAPI 3.0 says otherwise than JSON Schema 2020-12, rewritten to the latter: `nullable` and the boolean
 * `exclusiveMinimum`/`exclusiveMaximum` (OpenAPI 3.0.3, 4.7.24). Applied to the whole document: nothing outside
 * schemas has these members.
 */
export function upgradeSchemas(root: Record<string, unknown>): Record<string, unknown> {
  return upgrade(root) as Record<string, unknown>;
}

/** Their values are instances, not schemas. */
const INSTANCES = new Set(["example", "examples", "default", "enum", "const"]);

function upgrade(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(upgrade);
  if (node === null || typeof node !== "object") return node;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) out[key] = INSTANCES.has(key) ? value : upgrade(value);
  bound(out, "exclusiveMinimum", "minimum");
  bound(out, "exclusiveMaximum", "maximum");
  if (out.nullable === true && typeof out.type === "string") {
    out.type = [out.type, "null"];
    if (Array.isArray(out.enum) && !out.enum.includes(null)) out.enum = [...out.enum, null];
  }
  if (typeof out.nullable === "boolean") delete out.nullable;
  return out;
}

function bound(schema: Record<string, unknown>, exclusive: string, inclusive: string): void {
  const flag = schema[exclusive];
  if (typeof flag !== "boolean") return;
  delete schema[exclusive];
  if (!flag || typeof schema[inclusive] !== "number") return;
  schema[exclusive] = schema[inclusive];
  delete schema[inclusive];
}
