import { describe, expect, test } from "vitest";
import { UsageError } from "../../gates/exit.ts";
import { compileFlow } from "./compile.ts";
import { parseJsonPath, valueAt } from "./json-path.ts";
import { readScenario } from "./read.ts";
import { fill } from "./template.ts";
import type { JsonPath } from "./types.ts";

const get = { name: "getPlan", url: "/plans/{{ user }}", expect: { statusCode: 200 } };
const compile = (...flow: readonly unknown[]) => compileFlow(flow, "x.yaml", ["user"]);

describe("compiling a scenario", () => {
  test("the bundled journey goes from sign-up to a paid invoice", () => {
    const flow = readScenario("journey").flow;
    const names = flow.map((step) =>
      step.kind === "poll" ? "poll" : step.kind === "request" ? step.endpoint : "think",
    );
    expect(names.join(" ")).toBe(
      "createAccount createPlan createSubscription recordUsage recordUsageBatch getUsageSummary draftInvoice addInvoiceLine finalizeInvoice poll createPayment getPayment getInvoice",
    );
  });

  test("a request becomes a step with everything said", () => {
    expect(compile({ get }, { think: 0.5 })).toEqual([
      {
        kind: "request",
        endpoint: "getPlan",
        method: "GET",
        url: "/plans/{{ user }}",
        headers: {},
        statuses: [200],
        match: [],
        capture: [],
      },
      { kind: "think", thinkMs: 500 },
    ]);
  });

  test("what was captured may be used from then on", () => {
    const first = { get: { ...get, capture: { header: "ETag", as: "tag" } } };
    const second = { get: { ...get, headers: { "If-Match": "{{ tag }}" } } };
    expect(compile(first, second)[1]).toMatchObject({ headers: { "if-match": "{{ tag }}" } });
    expect(() => compile(second, first)).toThrow(/\{\{ tag \}\}/);
  });

  test.each([
    ["an unknown step", { loop: [{ get }], count: 2 }, /loop, count/],
    ["an unknown kind of step", { function: "f" }, /flow\/0\/function[\s\S]*function/],
    ["an unknown setting", { get: { ...get, beforeRequest: "f" } }, /beforeRequest/],
    ["an unknown expectation", { get: { ...get, expect: { statusCode: 200, hasHeader: "x" } } }, /hasHeader/],
    ["a JSONPath that may name many", { get: { ...get, capture: { json: "$..id", as: "id" } } }, /\$\.\.id/],
    ["a variable nobody sets", { get: { ...get, url: "/{{ nobody }}" } }, /\{\{ nobody \}\}/],
    ["a function in a template", { get: { ...get, url: "/{{ $uuid() }}" } }, /\$uuid\(\)/],
    ["no expected status", { get: { ...get, expect: undefined } }, /expect/],
    ["think time without a number", { think: "1s" }, /1s/],
    ["a poll without an end", { poll: { think: 1, get, while: { json: "$.a", value: 1 } } }, /times/],
    ["nothing at all", {}, /one step/],
  ])("refuses %s by name", (_, step, message) => {
    expect(() => compile(step)).toThrow(UsageError);
    expect(() => compile(step)).toThrow(message);
  });
});

describe("templates", () => {
  const variables = { n: 4, deep: { list: [1], text: "t" } };

  test.each([
    ["{{ n }}", 4],
    ["{{ deep.list }}", [1]],
    ["a {{ n }} b {{deep.text}}", "a 4 b t"],
    [
      { a: ["{{ n }}", true, null], b: "plain" },
      { a: [4, true, null], b: "plain" },
    ],
  ])("%j becomes %j", (value, filled) => {
    expect(fill(value, variables)).toEqual(filled);
  });
});

describe("paths", () => {
  const body = { items: [{ id: "x" }], none: null };

  test.each([
    ["$", body],
    ["$.items[0].id", "x"],
    ["$.items[1].id", undefined],
    ["$.none.id", undefined],
    ["$.items.length", 1],
    ["$.toString", undefined],
  ])("%s is %j", (text, value) => {
    expect(valueAt(parseJsonPath(text) as JsonPath, body)).toEqual(value);
  });

  test.each(["items", "$.a..b", "$.*", "$[?(@.a)]", "$.a[-1]", ""])("refuses %j", (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });
});
