import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { generate, staleFiles, writeGenerated } from "./generate.ts";
import { bundledSpecs } from "./model/index.ts";

const folder = mkdtempSync(join(tmpdir(), "generated-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the generated types are fresh, and two runs give the same", async () => {
  const fresh = await generate(bundledSpecs());
  expect(fresh).toEqual(await generate(bundledSpecs()));
  expect(staleFiles(fresh, join(import.meta.dirname, "generated"))).toEqual([]);
});

test("what is changed, missing or left over is stale until it is written", async () => {
  const fresh = await generate([join(import.meta.dirname, "fixtures", "shop.yaml")]);
  expect(fresh.get("shop.ts")).toContain("createItem");
  expect(staleFiles(fresh, join(folder, "none"))).toEqual(["index.ts", "shop.ts"]);
  writeGenerated(fresh, folder);
  expect(staleFiles(fresh, folder)).toEqual([]);
  writeFileSync(join(folder, "shop.ts"), "export {};");
  writeFileSync(join(folder, "old.ts"), "export {};");
  expect(staleFiles(fresh, folder)).toEqual(["old.ts", "shop.ts"]);
  writeGenerated(fresh, folder);
  expect(staleFiles(fresh, folder)).toEqual([]);
});
