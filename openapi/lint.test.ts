import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { closedFindings } from "./lint/closed.ts";
import { exampleFindings } from "./lint/examples.ts";
import type { LintFinding } from "./lint/finding.ts";
import { houseFindings } from "./lint/house.ts";
import { redoclyFindings } from "./lint/redocly.ts";
import { strictFindings } from "./lint/strict.ts";
import { lintSpecs } from "./lint.ts";
import { bundledSpecs, loadSpecs, type OperationModel } from "./model/index.ts";

const folder = mkdtempSync(join(tmpdir(), "lint-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the bundled documents are clean", async () => {
  expect(await lintSpecs()).toEqual([]);
});

/** One of the bundled documents (catalog for the shared components) with one thing changed in it. */
function changed(document: string, from: string | RegExp, to: string): readonly string[] {
  const common = join(import.meta.dirname, "common.yaml");
  for (const file of [...bundledSpecs(), common]) {
    const text = readFileSync(file, "utf8");
    const edited = basename(file) === `${document}.yaml` ? text.replace(from, to) : text;
    if (basename(file) === `${document}.yaml` && edited === text)
      throw new Error(`${from} is not in ${document}`);
    writeFileSync(join(folder, basename(file)), edited);
  }
  return [join(folder, `${document === "common" ? "catalog" : document}.yaml`)];
}

type Rules = (model: OperationModel) => readonly LintFinding[];

describe("each rule fails when it is broken", () => {
  test.each<[string, string, string | RegExp, string, Rules, RegExp]>([
    ["an operation renamed", "catalog", /\bquotePlan\b/g, "pricePlan", houseFindings, /quotePlan is missing/],
    [
      "a scope of another context",
      "catalog",
      'x-scope: "catalog:read"',
      'x-scope: "usage:read"',
      houseFindings,
      /usage:read/,
    ],
    ["a keyword misspelt", "common", "maximum: 10000", "maximun: 10000", strictFindings, /maximun/],
    ["a format misspelt", "common", /format: date-time/g, "format: datetime", strictFindings, /datetime/],
    [
      "an example that breaks its schema",
      "accounts",
      "name: Acme GmbH, email: ada@example.com",
      "name: 7, email: ada@example.com",
      exampleFindings,
      /\/name/,
    ],
    ["a 404 left out", "accounts", /\n +"404": [^\n]*/, "", houseFindings, /lacks 404/],
    ["a 5XX left out", "webhooks", /\n +5XX: [^\n]*/, "", houseFindings, /lacks 5XX/],
    [
      "a 404 too many",
      "catalog",
      /("400": [^\n]*MalformedRequest" \})/,
      '$1\n        "404": { $ref: "common.yaml#/components/responses/NotFound" }',
      houseFindings,
      /can never answer 404/,
    ],
    [
      "an open reply",
      "common",
      /(Line:\n(.*\n){2}?) +additionalProperties: false\n/,
      "$1",
      closedFindings,
      /does not name/,
    ],
    [
      "no challenge",
      "common",
      /\n +WWW-Authenticate: \{ \$ref[^\n]*/,
      '\n        X-Other: { $ref: "#/components/headers/WWWAuthenticate" }',
      houseFindings,
      /WWW-Authenticate/,
    ],
    ["a vector without its working", "catalog", /\n +working: "Flat ignores[^\n]*/, "", houseFindings, /Q01/],
    ["a vector twice", "catalog", "id: Q02", "id: Q01", houseFindings, /twice/],
  ])("%s", (_, document, from, to, rules, message) => {
    const findings = rules(loadSpecs(changed(document, from, to)));
    expect(findings.filter((found) => message.test(found.message))).not.toEqual([]);
  });

  test("Redocly's", async () => {
    const findings = await redoclyFindings(changed("payments", /\n {6}summary: [^\n]*/, ""));
    expect(findings.map((found) => found.rule)).toContain("redocly/operation-summary");
  });
});
