import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exampleReply, responsesOf } from "../fixtures/replies.ts";
import { bundledModel, loadSpecs } from "../model/index.ts";
import { checkReply, type ReplyToCheck } from "./index.ts";

const shop = loadSpecs([join(import.meta.dirname, "..", "fixtures", "shop.yaml")]);
const json = "application/json";

const reply = (status: number, body: unknown, headers: Record<string, string> = {}): ReplyToCheck => ({
  status,
  headers: { "content-type": json, ...headers },
  text: typeof body === "string" ? body : JSON.stringify(body),
});
const item = { id: "i1", name: "One" };

describe("each breach is found, alone, with its place", () => {
  test.each<[string, string, ReplyToCheck, string, string, string]>([
    ["an undocumented status", "getItem", reply(500, item), "status", "", "200"],
    [
      "another content type",
      "getItem",
      reply(200, item, { "content-type": "text/plain" }),
      "content-type",
      "header content-type",
      json,
    ],
    [
      "no content type",
      "getItem",
      { status: 200, headers: {}, text: "{}" },
      "content-type",
      "header content-type",
      json,
    ],
    [
      "another charset",
      "getItem",
      reply(200, item, { "content-type": `${json}; charset=latin1` }),
      "content-type",
      "header content-type",
      "UTF-8",
    ],
    ["a missing header", "listItems", reply(200, []), "header", "header x-total", "required"],
    [
      "a header that is no integer",
      "listItems",
      reply(200, [], { "x-total": "many" }),
      "header",
      "header x-total",
      "integer",
    ],
    [
      "a header out of range",
      "listItems",
      reply(200, [], { "x-total": "-1" }),
      "header",
      "header x-total",
      ">= 0",
    ],
    [
      "a list header with a stranger",
      "listItems",
      reply(200, [], { "x-total": "1", "x-flags": "a, z" }),
      "header",
      "header x-flags/1",
      '["a","b"]',
    ],
    [
      "a header off its pattern",
      "createItem",
      reply(201, item, { etag: "W" }),
      "header",
      "header etag",
      "pattern",
    ],
    ["a missing member", "getItem", reply(200, { id: "i1" }), "body", "/name", "required"],
    [
      "an unknown member, deep down",
      "getItem",
      reply(200, { ...item, part: { ...item, "a/b": 1 } }),
      "body",
      "/part/a~1b",
      "no member",
    ],
    ["a wrong type", "getItem", reply(200, { ...item, count: "7" }), "body", "/count", "integer"],
    [
      "a date off the calendar",
      "getItem",
      reply(200, { ...item, since: "2026-02-30T00:00:00Z" }),
      "body",
      "/since",
      "date-time",
    ],
    [
      "a date with a blank",
      "getItem",
      reply(200, { ...item, since: "2026-02-03 00:00:00Z" }),
      "body",
      "/since",
      "date-time",
    ],
    [
      "an integer beyond 2^53",
      "getItem",
      reply(200, '{"id":"i1","name":"n","count":9007199254740993}'),
      "json",
      "/count",
      "9007199254740991",
    ],
    ["a member twice", "getItem", reply(200, '{"id":"i1","name":"n","name":"m"}'), "json", "/name", "once"],
    ["no JSON", "getItem", reply(200, "<html>"), "json", "", "JSON"],
    ["an empty body", "getItem", reply(200, ""), "json", "", "JSON"],
    ["a body with 204", "deleteItem", reply(204, "{}"), "not-empty", "", "empty"],
    [
      "a text that is too short",
      "searchItems",
      reply(404, "", { "content-type": "text/html" }),
      "body",
      "",
      "1 char",
    ],
  ])("%s", (_, operation, given, kind, pointer, wanted) => {
    const findings = checkReply(shop, operation, given);
    expect(findings.map((found) => found.kind)).toEqual([kind]);
    expect(findings[0]).toMatchObject({ operation, status: given.status, pointer });
    expect(findings[0]?.wanted).toContain(wanted);
    expect(findings[0]?.message).toContain(`${operation} ${given.status} ${kind}`);
  });

  test("bytes that are no UTF-8", () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const found = checkReply(shop, "getItem", { ...reply(200, bytes.toString()), bytes });
    expect(found).toMatchObject([{ kind: "json", wanted: "UTF-8" }]);
  });

  test("a byte order mark", () => {
    expect(checkReply(shop, "getItem", reply(200, `\ufeff${JSON.stringify(item)}`))).toMatchObject([
      { kind: "json" },
    ]);
  });
});

describe("what is documented passes", () => {
  test.each<[string, string, ReplyToCheck]>([
    [
      "a media type in another case, with a charset",
      "getItem",
      reply(200, item, { "content-type": "Application/JSON; charset=UTF-8" }),
    ],
    [
      "a status of a range",
      "listItems",
      reply(418, { title: "t" }, { "content-type": "application/problem+json" }),
    ],
    ["a media range", "searchItems", reply(200, "x", { "content-type": "text/csv" })],
    ["an empty 204", "deleteItem", { status: 204, headers: {}, text: "" }],
    ["null in OpenAPI 3.0", "listThings", reply(200, { next: null, score: 0.5 })],
  ])("%s", (_, operation, given) => {
    const model =
      operation === "listThings" ? loadSpecs([join(import.meta.dirname, "../fixtures/legacy.json")]) : shop;
    expect(checkReply(model, operation, given)).toEqual([]);
  });
});

describe("the bundled documents, against themselves", () => {
  const model = bundledModel();
  const cases = model.operations.flatMap((operation) =>
    responsesOf(operation).flatMap(([response, status]) => {
      const given = exampleReply(response, status);
      return given === undefined ? [] : [{ operation, status, given }];
    }),
  );

  test("every example reply conforms", () => {
    expect(cases.length).toBeGreaterThan(300);
    for (const { operation, given } of cases) expect(checkReply(model, operation.id, given)).toEqual([]);
  });

  test("no byte of an example may go: each shorter body is found", () => {
    for (const { operation, given } of cases.filter(({ given }) => given.text !== ""))
      for (const text of [given.text.slice(0, -1), given.text.slice(1), ""])
        expect(checkReply(model, operation.id, { ...given, text }).length).toBeGreaterThan(0);
  });

  test("a member too many in any 2xx or 4xx reply is found, and so is each missing header", () => {
    for (const { operation, status, given } of cases) {
      if (given.text.startsWith("{") && status !== 429 && status < 500) {
        const text = JSON.stringify({ ...JSON.parse(given.text), passwordHash: "x" });
        expect(checkReply(model, operation.id, { ...given, text })).toMatchObject([
          { pointer: "/passwordHash" },
        ]);
      }
      for (const name of Object.keys(given.headers)) {
        const { [name]: _, ...headers } = given.headers;
        expect(checkReply(model, operation.id, { ...given, headers }).length).toBeGreaterThan(0);
      }
    }
  });
});
