import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bundledModel, loadSpecs, matchOperation, matchRoute } from "./index.ts";

const shop = loadSpecs([join(import.meta.dirname, "..", "fixtures", "shop.yaml")]);

describe("a route", () => {
  test.each([
    ["GET", "/items", "listItems"],
    ["get", "/items?limit=2", "listItems"],
    ["GET", "/items/a%2Fb", "getItem"],
    ["DELETE", "https://shop.example/items/x#y", "deleteItem"],
    ["POST", "/items/search", "searchItems"],
    ["POST", "/items/other", undefined],
    // The fixed path wins before the method is looked at.
    ["GET", "/items/search", undefined],
    ["GET", "/items/", undefined],
    ["GET", "/items/a/b", undefined],
    ["GET", "/", undefined],
  ])("%s %s is %s", (method, url, id) => {
    expect(matchOperation(shop, method, url)?.id).toBe(id);
  });

  test("gives its path parameters decoded", () => {
    expect(matchRoute(shop, "GET", "/items/a%2Fb")).toMatchObject({ pathParameters: { id: "a/b" } });
  });

  test("tells another method from no route at all", () => {
    expect(matchRoute(shop, "PUT", "/items/x")).toEqual({ kind: "other-method", allow: ["DELETE", "GET"] });
    expect(matchRoute(shop, "PUT", "/nothing")).toEqual({ kind: "no-route" });
  });

  test("leads from each of the 42 operations back to it", () => {
    const model = bundledModel();
    expect(model.operations).toHaveLength(42);
    for (const { id, method, path } of model.operations)
      expect(matchOperation(model, method, path.replace(/\{[^}]+\}/g, "x1"))?.id).toBe(id);
  });
});
