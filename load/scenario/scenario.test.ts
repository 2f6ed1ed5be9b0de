import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { UsageError } from "../../gates/exit.ts";
import { temporaryFolder } from "../fixture.ts";
import { compileFlow } from "./compile.ts";
import { parseJsonPath, valueAt } from "./json-path.ts";
import { readScenario } from "./read.ts";
import { Reading } from "./request.ts";
import { fill } from "./template.ts";
import type { JsonPath } from "./types.ts";

const get = { name: "getPlan", url: "/plans/{{ user }}", expect: { statusCode: 200 } };
const compile = (...flow: readonly unknown[]) => compileFlow(flow, "x.yaml, flow", new Reading(["user"]));

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
        named: true,
        url: "/plans/{{ user }}",
        headers: {},
        statuses: [200],
        expect: [],
        match: [],
        capture: [],
        beforeRequest: [],
        afterResponse: [],
        raw: get,
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
    ["an unknown step", { log: "hello" }, /flow\/0\/log[\s\S]*log/],
    ["two steps in one", { get, think: 1 }, /get, think/],
    ["an unknown setting of a loop", { loop: [{ get }], count: 2, times: 3 }, /times/],
    ["a loop without an end", { loop: [{ get }] }, /without an end/],
    ["an unknown step in a loop", { loop: [{ log: "x" }], count: 2 }, /flow\/0\/loop\/0\/log/],
    ["a function that nobody exports", { function: "f" }, /flow\/0\/function[\s\S]*processor/],
    ["a hook that nobody exports", { get: { ...get, beforeRequest: "f" } }, /beforeRequest/],
    ["an unknown setting", { get: { ...get, followRedirect: true } }, /followRedirect/],
    ["a form with files", { post: { ...get, formData: { a: 1 } } }, /formData/],
    ["basic authentication", { get: { ...get, auth: { user: "a", pass: "b" } } }, /auth/],
    ["a request by chance", { get: { ...get, probability: 20 } }, /probability/],
    ["another host", { get: { ...get, url: "https://example.com/" } }, /example/],
    ["an unknown expectation", { get: { ...get, expect: { statusCode: 200, jmespath: "x" } } }, /jmespath/],
    ["what is no JSONPath", { get: { ...get, capture: { json: "id", as: "id" } } }, /json[\s\S]*"id"/],
    ["a JSONPath that is cut off", { get: { ...get, match: { json: "$.a[?(@.b", value: 1 } } }, /json/],
    [
      "an expectation that is no regular expression",
      { get: { ...get, expect: { matchesRegexp: "(" } } },
      /\(/,
    ],
    ["what is no regular expression", { get: { ...get, capture: { regexp: "(", as: "id" } } }, /regexp/],
    ["a condition that cannot be read", { get: { ...get, ifTrue: "user ===" } }, /ifTrue/],
    ["two bodies", { post: { ...get, json: {}, form: {} } }, /json and form/],
    ["a variable nobody sets", { get: { ...get, url: "/{{ nobody }}" } }, /\{\{ nobody \}\}/],
    ["an unknown function in a template", { get: { ...get, url: "/{{ $uuid() }}" } }, /\$uuid\(\)/],
    ["think time without a number", { think: "soon" }, /soon/],
    ["a poll without an end", { poll: { think: 1, get, while: { json: "$.a", value: 1 } } }, /times/],
    ["nothing at all", {}, /one step/],
  ])("refuses %s by name", (_, step, message) => {
    expect(() => compile(step)).toThrow(UsageError);
    expect(() => compile(step)).toThrow(message);
  });
});

describe("a scenario file that cannot be read is refused", () => {
  test.each([
    ["none there", undefined, /no such file/],
    ["no YAML", "config: {\nscenarios: [", /line 2/],
    ["a payload that is not there", "config: { payload: { path: no.csv, fields: [a] } }", /no\.csv/],
    ["settings it does not know", "config: { tls: { rejectUnauthorized: false } }", /tls/],
    ["a processor that is not there", "config: { processor: no.cjs }", /no\.cjs/],
  ])("%s", (_, text, message) => {
    const file = join(temporaryFolder(onTestFinished), "x.yaml");
    if (text !== undefined) writeFileSync(file, text);
    expect(() => readScenario(file)).toThrow(UsageError);
    expect(() => readScenario(file)).toThrow(message);
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

  test.each([
    ["$..id", "x"],
    ["$.items[?(@.id == 'x')].id", "x"],
    ["$['items'][0]['id']", "x"],
  ])("%s finds %j", (text, value) => {
    expect(valueAt(parseJsonPath(text) as JsonPath, body)).toEqual(value);
  });

  test.each(["items", "a.b", "id", "", "$[[", "$.a[", "$.a['b]", "$.a[?(@.b]"])("refuses %j", (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });
});
