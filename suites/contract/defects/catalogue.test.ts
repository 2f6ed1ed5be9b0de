import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundledModel } from "../../../openapi/model/index.ts";
import { CONTEXTS } from "../plan.ts";
import { makeCatalogue } from "./catalogue.ts";

const committed = readFileSync(new URL("catalogue.ndjson", import.meta.url), "utf8");
const defects = makeCatalogue(bundledModel());

test("the committed catalogue is what the documents give", () => {
  expect(committed).toBe(`${defects.map((defect) => JSON.stringify(defect)).join("\n")}\n`);
});

test("the catalogue has at least 120 defects, of every convention in every context that has it", () => {
  expect(defects.length).toBeGreaterThanOrEqual(120);
  for (const context of Object.keys(CONTEXTS)) {
    const conventions = new Set(
      defects.filter((defect) => defect.context === context).map((d) => d.convention),
    );
    for (const everywhere of [
      "property",
      "enum",
      "text",
      "header",
      "status",
      "tenancy",
      "authorization",
      "time",
      "validation",
      "problem",
      "freshness",
    ]) {
      expect([...conventions], context).toContain(everywhere);
    }
  }
});
