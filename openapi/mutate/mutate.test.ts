import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileSchema, validatorOf } from "../conformance/index.ts";
import { bundledModel, loadSpecs, operationById } from "../model/index.ts";
import { bodySchema, bodyViolations, sample, validBodies, violationsOf } from "./index.ts";
import { pin } from "./pin.ts";
import { grow } from "./strings.ts";

const shop = loadSpecs([join(import.meta.dirname, "..", "fixtures", "shop.yaml")]);
const bundled = bundledModel();
const withBody = bundled.operations.filter((operation) => operation.requestBody !== undefined);

describe("the fixture's body", () => {
  const { violations, uncovered } = bodyViolations(shop, "createItem");
  const found = violations.map(({ keyword, pointer }) => `${keyword} ${pointer}`);

  test.each([
    ...[
      "type ",
      "additionalProperties /unknownMember",
      "required /name",
      "required /price",
      "required /sold",
    ],
    ...["minLength /name", "maxLength /name", "type /name", "nul /name", "surrogate /name"],
    ...["type /sold", "required /soldAt", "not-allowed /soldAt", "format /soldAt"],
    ...["exclusiveMinimum /size", "exclusiveMaximum /size", "multipleOf /size"],
    ...["minItems /tags", "maxItems /tags", "uniqueItems /tags", "pattern /tags/0", "enum /color"],
    ...["type /note", "maxLength /note", "oneOf /price/kind", "required /price/cents", "type /price/cents"],
    ...["minimum /price/cents", "maximum /price/cents", "pattern /price/perKilo", "maxLength /price/perKilo"],
    ...["additionalProperties /price/unknownMember"],
  ])("is broken at %s", (expected) => {
    expect(found).toContain(expected);
  });

  test("is broken in each keyword but the one that others imply", () => {
    // Three members are required, so fewer than two never come alone.
    expect(uncovered.map(({ keyword, pointer }) => `${keyword} ${pointer}`)).toEqual(["minProperties "]);
  });

  test("is too long by one code point, not by one UTF-16 unit", () => {
    const long = violations.find((each) => each.keyword === "maxLength" && each.pointer === "/name");
    const { name } = (long?.body as { name: string } | undefined) ?? { name: "" };
    expect([...name]).toHaveLength(11);
    expect(name.length).toBeGreaterThan(11);
  });

  test("has an integer that is a fraction, and null where none is allowed", () => {
    const bodies = violations.filter((each) => each.pointer === "/price/cents" && each.keyword === "type");
    expect(bodies.map((each) => (each.body as { price: { cents: unknown } }).price.cents)).toEqual([
      "text",
      null,
      0.5,
    ]);
    expect(violations.filter((each) => each.pointer === "/note" && each.keyword === "type")).toHaveLength(1);
  });
});

describe("each of the bundled operations with a body", () => {
  test.each(withBody.map((operation) => [operation.id] as const))("%s", (id) => {
    const schema = bodySchema(bundled, id);
    const holds = validatorOf(bundled, schema);
    const valid = validBodies(bundled, id);
    const documented = operationById(bundled, id).requestBody?.media[0]?.examples ?? [];
    expect(valid.length).toBeGreaterThanOrEqual(documented.length);
    for (const { value } of valid) expect(holds(value)).toEqual([]);

    const { violations, uncovered } = bodyViolations(bundled, id);
    expect(violations.length).toBeGreaterThan(4);
    for (const { body, inSchema, keyword, description } of violations) {
      expect(holds(body).length > 0, description).toBe(inSchema);
      if (!inSchema) expect(["nul", "surrogate"]).toContain(keyword);
    }
    expect(uncovered.filter((each) => !each.why.startsWith("an alternative accepts"))).toEqual([]);
  });

  test("is broken in the same ways every time", () => {
    expect(bodyViolations(bundled, "createPlan")).toEqual(bodyViolations(bundled, "createPlan"));
  });

  test("is broken at one place only, as the schema pinned to the valid body sees it", () => {
    for (const { id } of withBody) {
      const schema = bodySchema(bundled, id);
      for (const { value } of validBodies(bundled, id)) {
        const breaches = compileSchema(bundled, pin(bundled, schema, value).schema, id);
        expect(breaches(value)).toEqual([]);
        for (const { keyword, also, body, inSchema, description } of violationsOf(bundled, schema, value)
          .violations) {
          if (!inSchema || keyword === "oneOf" || keyword === "anyOf") continue;
          const keywords = new Set(
            breaches(body).map((breach) => breach.keyword.replace("false schema", "not-allowed")),
          );
          expect([...keywords].sort(), description).toEqual([keyword, ...also].sort());
        }
      }
    }
  });
});

describe("samples and strings", () => {
  test("a sample of any component schema of the bundled documents is valid", () => {
    const missing = [...bundled.documents.values()].flatMap(({ file, root }) => {
      const schemas = (root.components as { schemas?: Record<string, never> } | undefined)?.schemas ?? {};
      return Object.entries(schemas).flatMap(([name, value]) => {
        const schema = { file, pointer: `/components/schemas/${name}`, value };
        const made = sample(bundled, schema);
        return made !== undefined && validatorOf(bundled, schema)(made).length === 0 ? [] : [name];
      });
    });
    expect(missing).toEqual([]);
  });

  test("a string grows to any length that its pattern allows", () => {
    const email = /^[a-z]{1,64}@[a-z]{1,63}(\.[a-z]{1,63}){1,4}$/;
    fc.assert(
      fc.property(fc.integer({ min: 9, max: 254 }), (length) => {
        expect(grow("ada@ex.co", length, (text) => email.test(text))).toHaveLength(length);
      }),
      { numRuns: 15 },
    );
    expect(grow("12", 5, (text) => /^\d{1,3}$/.test(text))).toBeUndefined();
  });
});
