import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SpecError } from "../errors.ts";
import { cells, loadSpecs, operationById, responseFor } from "./index.ts";

const fixture = (name: string) => join(import.meta.dirname, "..", "fixtures", name);
const folder = mkdtempSync(join(tmpdir(), "specs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function errorOf(...paths: readonly string[]): SpecError {
  try {
    loadSpecs(paths);
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a model", () => {
  const model = loadSpecs([fixture("shop.yaml")]);

  test("has every operation with what it takes and answers", () => {
    expect(model.operations.map((each) => `${each.id} ${each.method} ${each.path}`)).toEqual([
      "listItems GET /items",
      "createItem POST /items",
      "searchItems POST /items/search",
      "getItem GET /items/{id}",
      "deleteItem DELETE /items/{id}",
    ]);
    const create = operationById(model, "createItem");
    expect(create).toMatchObject({ context: "shop", scopes: ["items:read", "items:write"] });
    expect(create.vectors).toHaveLength(1);
    expect(create.requestBody?.media[0]?.examples.map((each) => each.name)).toEqual(["part", "weighed"]);
    expect(create.responses[0]?.links).toMatchObject([{ name: "get", operationId: "getItem" }]);
    expect(operationById(model, "searchItems").security).toEqual([]);
  });

  test("lets an operation's parameter win over its path's", () => {
    const limits = operationById(model, "listItems").parameters.filter((each) => each.name === "limit");
    expect(limits.map((each) => each.schema?.value)).toEqual([{ type: "integer", minimum: 1, maximum: 50 }]);
  });

  test("counts a cell for each documented status but 429 and 5XX", () => {
    expect(cells(model).map((cell) => `${cell.operation} ${cell.status}`)).toEqual([
      ...["listItems 200", "listItems 4XX", "createItem 201", "createItem 422"],
      ...["searchItems default", "getItem 200", "deleteItem 204"],
    ]);
  });

  test("finds the exact response, then the range, then the default", () => {
    expect(responseFor(operationById(model, "createItem"), 503)?.status).toBe("5XX");
    expect(responseFor(operationById(model, "listItems"), 404)?.status).toBe("4XX");
    expect(responseFor(operationById(model, "searchItems"), 404)?.status).toBe("default");
    expect(responseFor(operationById(model, "getItem"), 404)).toBeUndefined();
  });

  test("reads OpenAPI 3.0 as JSON Schema 2020-12", () => {
    const schema = loadSpecs([fixture("legacy.json")]).operations[0]?.responses[0]?.media[0]?.schema?.value;
    expect(schema).toMatchObject({
      properties: { next: { type: ["string", "null"] }, score: { exclusiveMinimum: 0 } },
    });
    expect(schema).not.toHaveProperty("properties.score.minimum");
  });

  test("takes globs", () => {
    expect(loadSpecs([fixture("sh?p.yaml")]).operations).toHaveLength(5);
  });
});

describe("a document that is wrong is named with what, where, got, wanted and next", () => {
  const head = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\n';
  const operation = (id: string) => `{operationId: ${id}, responses: {"204": {description: d}}}`;

  test.each([
    [
      "a file that is not there",
      () => errorOf(join(folder, "none.yaml")),
      "SpecNotFound",
      "none.yaml",
      "no such file",
    ],
    [
      "a glob that matches nothing",
      () => errorOf(join(folder, "*.nothing")),
      "SpecNotFound",
      "*.nothing",
      "no file",
    ],
    ["no list at all", () => errorOf(), "SpecNotFound", "empty list", "no file"],
    [
      "no YAML",
      () => errorOf(file("bad.yaml", "a: [1\nb: }")),
      "SpecUnreadable",
      "bad.yaml:2",
      "Flow sequence",
    ],
    [
      "no JSON",
      () => errorOf(file("bad.json", '{"openapi": "3.1.0",,}')),
      "SpecUnreadable",
      "bad.json:1",
      ",",
    ],
    [
      "an empty file",
      () => errorOf(file("empty.yaml", "")),
      "SpecUnreadable",
      "empty.yaml#/openapi",
      "empty",
    ],
    [
      "Swagger",
      () => errorOf(file("old.yaml", 'swagger: "2.0"')),
      "SpecUnreadable",
      "#/openapi",
      "no member",
    ],
    ["OpenAPI 4", () => errorOf(file("new.yaml", "openapi: 4.0.0")), "SpecUnreadable", "#/openapi", "4.0.0"],
    [
      "a pointer to nothing",
      () => errorOf(file("ref.yaml", `${head}paths: {/a: {get: {$ref: "#/components/x~1y"}}}`)),
      "BrokenReference",
      "ref.yaml#/paths/~1a/get",
      "nothing at /components/x~1y",
    ],
    [
      "a reference to a file that is not there",
      () => errorOf(file("far.yaml", `${head}components: {schemas: {A: {$ref: "gone.yaml#/A"}}}`)),
      "BrokenReference",
      "far.yaml#/components/schemas/A",
      "cannot be read",
    ],
    [
      "a reference to the network",
      () => errorOf(file("net.yaml", `${head}components: {schemas: {A: {$ref: "https://x.example/a"}}}`)),
      "BrokenReference",
      "#/components/schemas/A",
      "network",
    ],
    [
      "a circle",
      () =>
        errorOf(file("circle.yaml", `${head}paths: {/a: {$ref: "#/paths/~1b"}, /b: {$ref: "#/paths/~1a"}}`)),
      "BrokenReference",
      "#/paths/",
      "circle",
    ],
    [
      "one operationId twice",
      () =>
        errorOf(
          file("twice.yaml", `${head}paths: {/a: {get: ${operation("x")}}, /b: {get: ${operation("x")}}}`),
        ),
      "DuplicateOperation",
      "#/paths/~1b/get",
      "#/paths/~1a/get",
    ],
    [
      "one route twice",
      () =>
        errorOf(
          file(
            "route.yaml",
            `${head}paths: {"/a/{b}": {get: ${operation("x")}}, "/a/{c}": {get: ${operation("y")}}}`,
          ),
        ),
      "DuplicateOperation",
      "#/paths/~1a~1{c}/get",
      "route",
    ],
    [
      "a link to no operation",
      () =>
        errorOf(
          file(
            "link.yaml",
            `${head}paths: {/a: {get: {operationId: x, responses: {"200": {description: d, links: {n: {operationId: zz}}}}}}}`,
          ),
        ),
      "BrokenReference",
      "responses/200/links/n",
      "zz",
    ],
  ])("%s", (_, act, name, where, got) => {
    const error = act();
    expect(error.name).toBe(name);
    expect(error.exitCode).toBe(64);
    expect(error.where).toContain(where);
    expect(error.got).toContain(got);
    expect(error.message).toContain("wanted:");
    expect(error.next).not.toBe("");
  });

  test("an unknown operation is refused with the known ones", () => {
    expect(() => operationById(loadSpecs([fixture("shop.yaml")]), "nope")).toThrow(/getItem/);
  });

  test("a $ref among example data is data", () => {
    const text = `${head}components: {schemas: {A: {type: object, examples: [{$ref: nowhere}], properties: {$ref: {type: string}, example: {type: string}}}}}`;
    expect(loadSpecs([file("data.yaml", text)]).operations).toEqual([]);
  });
});
