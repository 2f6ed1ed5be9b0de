import { expect, test } from "vitest";
import type { ParityFinding, ParitySequence } from "../gates/evidence/index.ts";
import { contractResult, operations, runRecord } from "../gates/fixture.ts";
import { cutoverPlan } from "./cutover-plan.ts";
import { paritySections } from "./html/parity.ts";
import { renderJUnit } from "./junit.ts";

const sequence: ParitySequence = {
  seq: 0,
  target: "serverless",
  drawn: "independent",
  strategy: "walk",
  operation: "getAccount",
  pairs: 22,
  outcome: "same",
  replies: { "createAccount 201 201": 12, "getAccount 200 200": 9, "getAccount 404 404": 1 },
};
const exchange = { method: "GET", url: "/accounts/1", status: 200, reply: '{"name":"<a>"}' };
const finding: ParityFinding = {
  ...{
    id: "f",
    target: "serverless",
    title: "getAccount: /name is b instead of <a>",
    class: "silent break",
    operation: "getAccount",
    kind: "value",
    path: "/name",
  },
  differences: [{ kind: "value", path: "/name", baseline: "<a>", candidate: "b" }],
  steps: [
    { operation: "getAccount", together: false, setUp: false, baseline: exchange, candidate: exchange },
  ],
  ...{ requests: 1, seenIn: 1, sequences: 1, confirmed: 4, tries: 4 },
};

test("a route is ready when its contract holds and enough of it was compared without a difference", () => {
  const { routes } = cutoverPlan(runRecord({ parity: [sequence] }));
  expect(routes.map(({ operation, ready, why }) => [operation, ready, why.join()])).toEqual([
    ["createAccount", true, ""],
    ["getAccount", true, ""],
    ["updateAccount", false, "only 0 of 10 requests were compared"],
  ]);
});

test("a difference, a broken contract, and what was not measured keep a route back", () => {
  const contracts = operations.map((_, index) =>
    contractResult(index, "monolith", index === 0 ? { outcome: "broken" } : {}),
  );
  const { routes } = cutoverPlan(runRecord({ contracts, parity: [sequence], parityFindings: [finding] }));
  expect(routes.map(({ why }) => why.join())).toEqual([
    "its contract test is broken",
    "its contract test is not measured,1 difference",
    "its contract test is not measured,only 0 of 10 requests were compared",
  ]);
  const accepted = { owner: "ada", reason: "agreed", expires: "2026-12-31" };
  expect(
    cutoverPlan(runRecord({ parity: [sequence], parityFindings: [{ ...finding, accepted }] })).routes[1]
      ?.ready,
  ).toBe(true);
});

test("the report shows both answers, escaped", () => {
  const [parity] = paritySections(runRecord({ parity: [sequence], parityFindings: [finding] }));
  expect(parity?.text).toContain("&lt;a&gt;");
  expect(parity?.text).not.toContain("<a>");
  expect(paritySections(runRecord())).toEqual([]);
});

test("JUnit has a case for each difference: one that somebody answers for breaks no build", () => {
  const accepted = { owner: "ada", reason: "agreed", expires: "2026-12-31" };
  const other = { ...finding, id: "another", title: "another", accepted };
  const xml = renderJUnit(runRecord({ parity: [sequence], parityFindings: [finding, other] }));
  const suite = /<testsuite name="parity of serverless"[^>]*>/.exec(xml)?.[0];
  expect(suite).toMatch(/tests="3" failures="1" errors="0" skipped="1"/);
  expect(xml).toContain(`<failure message="${finding.class}: `);
  expect(xml).toContain('<skipped message="accepted by ada until 2026-12-31"');
});
