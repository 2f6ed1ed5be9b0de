import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bundledModel } from "../../openapi/model/index.ts";
import { disallowed } from "./allowed.ts";
import { parsePact, readPacts } from "./read.ts";
import { refusals } from "./refused.ts";
import { rejects, ruleAt } from "./rules.ts";
import { select } from "./select.ts";
import type { Expectation, HttpInteraction, MessageInteraction } from "./types.ts";
import { unusedFields } from "./unused.ts";

const model = bundledModel();
const plan: HttpInteraction = {
  type: "Synchronous/HTTP",
  description: "a plan",
  providerStates: [{ name: "a plan", params: { unitPrice: "1" } }],
  request: { method: "GET", path: "/plans/plan_1", headers: { Authorization: ["Bearer x"] } },
  response: {
    status: 200,
    headers: { "Content-Type": ["application/json"] },
    body: { content: { name: "Team", pricing: { model: "flat" } } },
  },
};
const paid: MessageInteraction = {
  type: "Asynchronous/Messages",
  description: "paid",
  providerStates: [{ name: "a webhook that hears of", params: { event: "invoice.paid" } }],
  contents: { content: { type: "invoice.paid", data: { total: 1 } } },
};
const withRequest = (request: Partial<HttpInteraction["request"]>): HttpInteraction => ({
  ...plan,
  request: { ...plan.request, ...request },
});
const withResponse = (response: Partial<HttpInteraction["response"]>): HttpInteraction => ({
  ...plan,
  response: { ...plan.response, ...response },
});
const expecting = (interaction: Expectation["interaction"]): Expectation => ({
  consumer: "web",
  pending: false,
  interaction,
});

describe("a pact against the documents", () => {
  test("a part of what is documented is allowed, of a reply and of an event", () => {
    expect(disallowed(model, plan)).toEqual([]);
    expect(disallowed(model, paid)).toEqual([]);
  });

  test.each<readonly [string, HttpInteraction | MessageInteraction, string]>([
    ["a path", withRequest({ path: "/planes/1" }), "no such path"],
    ["a method", withRequest({ method: "PUT" }), "no such method"],
    ["a status", withResponse({ status: 299 }), "no such answer"],
    ["a query", withRequest({ query: { verbose: ["1"] } }), "no such query"],
    ["a request without a key", withRequest({ headers: {} }), "needs one"],
    ["a header of the reply", withResponse({ headers: { "X-Total": ["1"] } }), "no such header"],
    ["a media type", withResponse({ headers: { "Content-Type": ["text/csv"] } }), "no such type"],
    ["a member", withResponse({ body: { content: { nickname: "x" } } }), "$.nickname"],
    ["a type", withResponse({ body: { content: { name: 7 } } }), "$.name"],
    ["a word", withResponse({ body: { content: { status: "retired" } } }), "$.status"],
    ["an event", { ...paid, contents: { content: { type: "invoice.lost" } } }, "no such event"],
    [
      "a member of an event",
      { ...paid, contents: { content: { type: "invoice.paid", data: { sum: 1 } } } },
      "sum",
    ],
  ])("%s that is not documented is a finding", (_, interaction, says) => {
    const found = disallowed(model, interaction);
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ message }) => message).join()).toContain(says);
  });

  test("what has to be refused may be wrong; what has to succeed needs all that is required", () => {
    const post = { method: "POST", path: "/plans", body: { content: { name: "x" } } };
    const refused = { ...withRequest(post), response: { status: 422 } };
    expect(disallowed(model, refused)).toEqual([]);
    const taken = { ...withRequest(post), response: { status: 201 } };
    expect(disallowed(model, taken).map(({ path }) => path)).toContain("request body/interval");
  });
});

describe("what is refused before any target is asked", () => {
  const reasons = (interaction: Expectation["interaction"]): string =>
    [...refusals(model, [expecting(interaction)]).values()]
      .flat()
      .map(({ message }) => message)
      .join();

  test("a good interaction is not", () => {
    expect(reasons(plan)).toBe("");
  });

  test.each<readonly [string, Expectation["interaction"], string]>([
    ["marked as pending", { ...plan, pending: true }, "pending"],
    ["in a state without a handler", { ...plan, providerStates: [{ name: "toString" }] }, "no handler"],
    [
      "with a wrong parameter",
      { ...plan, providerStates: [{ name: "a plan", params: { unitPrice: 1 } }] },
      "unitPrice",
    ],
    [
      "with a parameter too many",
      { ...plan, providerStates: [{ name: "an account", params: { x: 1 } }] },
      "/x",
    ],
    [
      "with a value that no state returns",
      withRequest({ generators: { path: { expression: `/plans/\${plan}`, type: "ProviderState" } } }),
      "“plan”",
    ],
  ])("one %s is", (_, interaction, says) => {
    expect(reasons(interaction)).toContain(says);
  });
});

describe("reading pacts", () => {
  const folderWith = (files: Readonly<Record<string, string>>): string => {
    const dir = mkdtempSync(join(tmpdir(), "cutover-pacts-test-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    return dir;
  };
  const pact = { consumer: { name: "web" }, provider: { name: "api" }, interactions: [plan] };

  test.each([
    ["no folder", () => "/nowhere/at/all", /no pacts to verify/],
    ["an empty folder", () => folderWith({}), /no pacts to verify/],
    [
      "half a file",
      () => folderWith({ "a.json": JSON.stringify(pact).slice(0, 40) }),
      /cannot be read[\s\S]*JSON/,
    ],
    ["another kind of JSON", () => folderWith({ "a.json": "[]" }), /cannot be read/],
    [
      "an interaction of an older specification",
      () => folderWith({ "a.json": JSON.stringify({ ...pact, interactions: [{ description: "x" }] }) }),
      /#\/interactions\/0/,
    ],
    [
      "no interaction",
      () => folderWith({ "a.json": JSON.stringify({ ...pact, interactions: [] }) }),
      /0 interactions/,
    ],
  ])("%s is one clear error, exit 64", (_, dir, says) => {
    expect(() => readPacts(dir())).toThrow(says);
    expect(() => readPacts(dir())).toThrow(expect.objectContaining({ exitCode: 64 }));
  });

  test("a good one is read whole", () => {
    expect(readPacts(folderWith({ "a.json": JSON.stringify(pact) }))).toMatchObject([
      { consumer: "web", provider: "api", pending: false, interactions: [plan] },
    ]);
    expect(parsePact(JSON.stringify(pact), "url", { version: "1", pending: true })).toMatchObject({
      version: "1",
      pending: true,
    });
  });

  test("what is asked for and not there is bad usage", () => {
    expect(() => select([expecting(plan)], { consumers: ["erp"] })).toThrow(/--consumer[\s\S]*web/);
    expect(() => select([expecting(plan)], { states: ["x"] })).toThrow(/--state[\s\S]*a plan/);
    expect(select([expecting(plan), expecting(paid)], { states: ["a plan"] })).toHaveLength(1);
  });
});

describe("what a pact asks of a place", () => {
  const rules = {
    "$.items": { matchers: [{ match: "type", min: 1 }] },
    "$.items[*].total": { matchers: [{ match: "integer" }] },
    "$.items[*].status": { matchers: [{ match: "regex", regex: "open|paid" }] },
  };

  test.each([
    ["/items/*/total", 5, "5", true],
    ["/items/*/total", 5, 6, false],
    ["/items/*/status", "open", "paid", false],
    ["/items/*/status", "open", "opened", true],
    ["/items/*/name", "a", "b", false],
    ["/items/*/name", "a", null, true],
    ["/other", "a", "b", true],
  ])("%s of %j rejects %j: %j", (pointer, example, value, wanted) => {
    expect(rejects(ruleAt(rules, pointer), example, value)).toBe(wanted);
  });
});

test("what no consumer uses is listed by operation, the outermost member alone", () => {
  const unused = new Map(
    unusedFields(model, [expecting(plan), expecting(paid)]).map((one) => [one.operation, one.fields]),
  );
  expect(unused.get("getPlan")).toContain("/currency");
  expect(unused.get("getPlan")).not.toContain("/name");
  expect(unused.get("getPlan")).toContain("/pricing/amount");
  expect(unused.get("createAccount")).toContain("/account");
  expect(unused.get("createAccount")).not.toContain("/account/name");
  expect(unused.get("invoice.paid")).not.toContain("/data/total");
});
