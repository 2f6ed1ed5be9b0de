import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledModel } from "../openapi/model/index.ts";
import { type Monolith, startMonolith } from "../targets/monolith/start.ts";
import { generatePacts } from "./consumers/generate.ts";
import { makeDefects } from "./defects/make.ts";
import { catalogueText, readCatalogue } from "./defects/read.ts";
import { runDefects } from "./defects/run.ts";
import { operationOf } from "./pacts/operation.ts";
import { expectationsOf, readPacts } from "./pacts/read.ts";
import { refusals } from "./pacts/refused.ts";
import { select } from "./pacts/select.ts";
import type { Expectation } from "./pacts/types.ts";
import { verifyPacts } from "./run.ts";
import { states } from "./states/catalogue.ts";

const model = bundledModel();
const provider = "billing-api";
const folder = mkdtempSync(join(tmpdir(), "cutover-pact-test-"));
const dir = join(folder, "pacts");
let monolith: Monolith;
let all: readonly Expectation[];

beforeAll(async () => {
  const [started] = await Promise.all([startMonolith({ port: 0 }), generatePacts(dir)]);
  monolith = started;
  all = expectationsOf(readPacts(dir));
}, 120_000);
afterAll(async () => {
  await monolith?.close();
  rmSync(folder, { recursive: true, force: true });
});

const verify = (expectations: readonly Expectation[], url = monolith.url) =>
  verifyPacts(
    { name: "monolith", url },
    { expectations, refused: refusals(model, expectations), provider, model, specs: [] },
  );

/** One interaction with something else about it. */
function changed(upon: string, change: (interaction: Record<string, unknown>) => void): Expectation {
  const found = all.find(({ interaction }) => interaction.description === upon);
  const copy = structuredClone(found) as Expectation;
  change(copy.interaction as unknown as Record<string, unknown>);
  return copy;
}

describe("the bundled consumers' pacts", () => {
  test("are the same bytes when they are made again", async () => {
    const before = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), "utf8")]);
    const again = join(folder, "again");
    await generatePacts(again);
    expect(readdirSync(again).map((name) => [name, readFileSync(join(again, name), "utf8")])).toEqual(before);
    expect(before).toHaveLength(3);
  }, 60_000);

  test("ask for at least 24 of the 42 operations, error cases and webhooks too", () => {
    const http = all.filter(({ interaction }) => interaction.type === "Synchronous/HTTP");
    const operations = new Set(http.map(({ interaction }) => operationOf(model, interaction)));
    expect(operations.size).toBeGreaterThanOrEqual(24);
    const statuses = http.map(({ interaction }) =>
      interaction.type === "Synchronous/HTTP" ? interaction.response.status : 0,
    );
    expect(new Set(statuses.filter((status) => status >= 400)).size).toBeGreaterThanOrEqual(6);
    expect(all.length - http.length).toBeGreaterThanOrEqual(8);
  });

  test("ask for nothing that the documents do not allow, in no state without a handler", () => {
    expect([...refusals(model, all)]).toEqual([]);
  });

  test("use every state of the catalogue: none is kept for nobody", () => {
    const used = new Set(
      all.flatMap(({ interaction }) => interaction.providerStates?.map(({ name }) => name)),
    );
    expect(Object.keys(states).filter((name) => !used.has(name))).toEqual([]);
  });

  test("are kept by the monolith, every interaction", async () => {
    const results = await verify(all);
    expect(results.filter(({ outcome }) => outcome !== "verified")).toEqual([]);
    expect(results).toHaveLength(all.length);
  }, 60_000);
});

describe("what Pact would pass without checking", () => {
  test("a pact without an interaction is refused", () => {
    const empty = join(folder, "empty");
    cpSync(dir, empty, { recursive: true });
    const pact = JSON.parse(readFileSync(join(empty, "erp-billing-api.json"), "utf8")) as object;
    writeFileSync(join(empty, "erp-billing-api.json"), JSON.stringify({ ...pact, interactions: [] }));
    expect(() => readPacts(empty)).toThrow(/erp has no interaction[\s\S]*0 interactions/);
  });

  test("a state without a handler is refused before any server is asked", async () => {
    const expectation = changed("a plan", (one) => {
      one.providerStates = [{ name: "a plan that nobody can make" }];
    });
    const [result] = await verify([expectation], "http://127.0.0.1:1");
    expect(result).toMatchObject({ outcome: "refused" });
    expect(result?.reason).toContain("“a plan that nobody can make” has no handler");
  });

  test("an interaction that its consumer marked as pending is refused", async () => {
    const expectation = changed("a plan", (one) => {
      one.pending = true;
    });
    const [result] = await verify([expectation], "http://127.0.0.1:1");
    expect(result).toMatchObject({ outcome: "refused" });
    expect(result?.reason).toContain("marked it as pending");
  });

  test("a target that does not answer leaves everything unverified", async () => {
    const some = select(all, { consumers: ["dashboard"], states: ["an account"] });
    const results = await verify(some, "http://127.0.0.1:1");
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["unverified"]));
  }, 60_000);

  test("a handler that throws, what a broker holds as pending, and a finding, each show as what they are", async () => {
    // Needs nothing of the state, so that Pact would find the reply as it should be.
    const thrown = changed("a plan that is not there", (one) => {
      one.providerStates = [{ name: "a member with some scopes", params: { scopes: ["plans:fly"] } }];
    });
    const wrong = changed("an open invoice", (one) => {
      (one.response as { body: { content: { status: unknown } } }).body.content.status = "paid";
    });
    const held = { ...changed("a quote", () => undefined), pending: true };
    const [unset, broken, kept, pending] = await verify([thrown, wrong, held, { ...wrong, pending: true }]);

    expect(unset).toMatchObject({ outcome: "unverified" });
    expect(unset?.reason).toContain("“a member with some scopes” could not be set up");
    expect(kept).toMatchObject({ outcome: "pending", findings: [] });
    expect(pending).toMatchObject({ outcome: "pending", findings: [{ path: "$.status" }] });

    expect(broken).toMatchObject({ outcome: "broken", consumer: "dashboard", operation: "getInvoice" });
    expect(broken?.findings[0]).toMatchObject({ path: "$.status", expected: '"paid"', got: '"open"' });
    expect(broken?.findings[0]?.curl).toMatch(/^curl -i -X GET 'http:\/\/127\.0\.0\.1:\d+\/invoices\/inv_/);
    expect(broken?.findings[0]?.curl).not.toContain("ck_");
  }, 60_000);
});

describe("defects of a provider", () => {
  test("are those that the pacts give, at least 40 that somebody must notice", () => {
    const made = makeDefects(model, all);
    expect(readFileSync(join(import.meta.dirname, "defects/catalogue.ndjson"), "utf8")).toBe(
      catalogueText(made),
    );
    expect(made.filter(({ breaks }) => breaks.length > 0).length).toBeGreaterThanOrEqual(40);
  });

  test("break exactly the consumers that use what is spoilt (a sample)", async () => {
    const sample = readCatalogue().filter((_, index) => index % 45 === 22);
    const outcomes = await runDefects(sample, {
      ...{ soundUrl: monolith.url, model, specs: [], provider, expectations: all },
    });
    expect(outcomes.filter(({ holds }) => !holds)).toEqual([]);
    expect(new Set(outcomes.map(({ defect }) => defect.breaks.length === 0))).toEqual(new Set([true, false]));
  }, 60_000);
});

test("a consumer that does not work with what it asks for ends it: no pacts, exit 1", async () => {
  const suite = join(import.meta.dirname, "consumers/fixture/failing");
  await expect(generatePacts(join(folder, "none"), undefined, suite)).rejects.toMatchObject({
    exitCode: 1,
    got: expect.stringContaining("a plan that it reads wrong"),
  });
});
