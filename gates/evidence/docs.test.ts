import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Shape } from "../shape.ts";
import { runShape, SCHEMA_VERSION, streams, verdictShape } from "./schema.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/evidence.md"), "utf8");
const files: readonly (readonly [string, Shape<unknown>])[] = [
  ["run.json", runShape],
  ...Object.values(streams).map(({ file, shape }) => [file, shape] as const),
  ["verdict.json", verdictShape],
];

/** Every field with what it may hold, as the page writes it. */
function fieldsOf(shape: Shape<unknown>, path = ""): readonly string[] {
  if (shape.inner) return fieldsOf(shape.inner, shape.wanted.startsWith("a list") ? `${path}[]` : path);
  return Object.entries(shape.fields ?? {}).flatMap(([name, field]) => {
    const full = path === "" ? name : `${path}.${name}`;
    return [`${full}: ${field.wanted}${"optional" in field ? "; optional" : ""}`, ...fieldsOf(field, full)];
  });
}

describe("docs/evidence.md", () => {
  test.each(files)("documents every field of %s, as it is checked, and no other", (file, shape) => {
    const section = page.split("\n## ").find((part) => part.startsWith(`\`${file}\``)) ?? "";
    const rows = [...section.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
    expect(rows.map(([, name, holds]) => `${name}: ${holds}`)).toEqual(fieldsOf(shape));
  });

  test("names the version of the format", () => {
    expect(page).toContain(`version ${SCHEMA_VERSION}`);
  });
});
