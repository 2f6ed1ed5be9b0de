import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSpecs } from "../model/index.ts";
import { bodySchema } from "../mutate/index.ts";
import { validatorOf } from "./index.ts";

const shop = loadSpecs([join(import.meta.dirname, "..", "fixtures", "shop.yaml")]);
const breaches = (body: unknown) =>
  validatorOf(
    shop,
    bodySchema(shop, "createItem"),
  )(body).map(({ keyword, pointer }) => `${keyword} ${pointer}`);
const item = { name: "One", sold: false };

describe("of a oneOf only the branch that was meant is reported", () => {
  test.each<[string, unknown, readonly string[]]>([
    ["a wrong type", { kind: "fixed", cents: "x" }, ["type /price/cents"]],
    [
      "a member of another branch",
      { kind: "weighed", perKilo: "1.5", cents: 1 },
      ["additionalProperties /price/cents"],
    ],
    ["a missing member", { kind: "weighed" }, ["required /price/perKilo"]],
    ["a kind that no branch has", { kind: "free", cents: 1 }, ["oneOf /price"]],
    ["no object at all", "free", ["oneOf /price"]],
    ["nothing that is wrong", { kind: "fixed", cents: 1 }, []],
  ])("%s", (_, price, wanted) => {
    expect(breaches({ ...item, price })).toEqual(wanted);
  });

  test("breaches beside it stay", () => {
    expect(breaches({ name: "", sold: false, price: { kind: "fixed", cents: "x" } })).toEqual(
      expect.arrayContaining(["minLength /name", "type /price/cents"]),
    );
  });
});

test("of an if only what its branch asks for is reported", () => {
  expect(breaches({ ...item, sold: true, price: { kind: "fixed", cents: 1 } })).toEqual(["required /soldAt"]);
});
