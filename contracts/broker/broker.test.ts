import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { PactResult } from "../../gates/evidence/index.ts";
import { runRecord } from "../../gates/fixture.ts";
import { canIDeploy, recordDeployment } from "./deploy.ts";
import { localAnswer } from "./local.ts";
import { fetchPacts } from "./pacts.ts";
import { publishPacts } from "./publish.ts";
import { publishResults, versionOf } from "./results.ts";
import { type Broker, readBroker } from "./settings.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";

const provider = "billing-api";
const version = versionOf("abc", "serverless");
const serverless = { provider, version, environment: "production" };

async function start(options: Parameters<typeof startStandIn>[0] = {}): Promise<[Broker, StandIn]> {
  const standIn = await startStandIn({ token: "t0p-s3cret", ...options });
  onTestFinished(() => standIn.close());
  return [brokerAt(standIn.url, "t0p-s3cret"), standIn];
}

function brokerAt(url: string, token: string): Broker {
  const broker = readBroker({ PACT_BROKER_BASE_URL: url, PACT_BROKER_TOKEN: token });
  if (broker === undefined) throw new Error("no broker");
  return broker;
}

/** A folder with the pact of each consumer. */
function pactsOf(...consumers: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), "cutover-broker-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(dir, { recursive: true });
  for (const consumer of consumers) {
    const pact = {
      consumer: { name: consumer },
      provider: { name: provider },
      interactions: [
        {
          type: "Synchronous/HTTP",
          description: "a plan",
          request: { method: "GET", path: "/plans/x" },
          response: { status: 404 },
        },
      ],
      metadata: { pactSpecification: { version: "4.0" } },
    };
    writeFileSync(join(dir, `${consumer}-${provider}.json`), JSON.stringify(pact));
  }
  return dir;
}

const result = (consumer: string, outcome: PactResult["outcome"]): PactResult => ({
  ...{ consumer, version: "abc", interaction: "a plan", kind: "http", states: [], target: "serverless" },
  ...{ outcome, at: "2026-01-31T12:00:00.000Z", durationMs: 1 },
  findings: outcome === "broken" ? [{ path: "status", expected: "404", got: "200", message: "status" }] : [],
});

describe("with a broker, by Pact's own client", () => {
  test("pacts are published, chosen, their results published; then it may be deployed, and that is recorded", async () => {
    const [broker, standIn] = await start();
    await publishPacts(broker, pactsOf("erp", "mobile"), "abc", "main");
    expect([...standIn.pacts].map(([name, { version }]) => [name, version]).sort()).toEqual([
      ["erp", "abc"],
      ["mobile", "abc"],
    ]);

    const pacts = await fetchPacts(broker, provider, "main", "2026-01-01");
    expect(pacts.map(({ consumer, version, pending }) => [consumer, version, pending]).sort()).toEqual([
      ["erp", "abc", false],
      ["mobile", "abc", false],
    ]);
    expect(standIn.bodies.find((body) => JSON.stringify(body).includes("Selectors"))).toEqual({
      consumerVersionSelectors: [
        { mainBranch: true },
        { matchingBranch: true },
        { deployedOrReleased: true },
      ],
      providerVersionBranch: "main",
      includePendingStatus: true,
      includeWipPactsSince: "2026-01-01",
    });

    expect(await canIDeploy(broker, serverless)).toMatchObject({ answer: "unknown" });
    const results = [result("erp", "verified"), result("mobile", "verified")];
    await publishResults(broker, { provider, version, branch: "main" }, pacts, results);
    expect(standIn.branches.get("abc-serverless")).toBe("main");
    expect(await canIDeploy(broker, serverless)).toMatchObject({ answer: "yes" });
    // The other system's result is another version's: it is not known by this one.
    expect(await canIDeploy(broker, { ...serverless, version: versionOf("abc", "monolith") })).toMatchObject({
      answer: "unknown",
    });

    await recordDeployment(broker, serverless, "serverless");
    expect(standIn.deployments).toEqual(["abc-serverless as serverless"]);
  }, 60_000);

  test("a broken consumer is no; one that a broker holds as pending is told as such", async () => {
    const [broker, standIn] = await start();
    await publishPacts(broker, pactsOf("erp"), "abc", "main");
    for (const pact of standIn.pacts.values()) pact.pending = true;
    const pacts = await fetchPacts(broker, provider, "main");
    expect(pacts.map(({ pending }) => pending)).toEqual([true]);
    await publishResults(broker, { provider, version, branch: "main" }, pacts, [result("erp", "broken")]);
    expect(await canIDeploy(broker, serverless)).toMatchObject({ answer: "no" });
  }, 60_000);

  test("a wrong token publishes nothing and says so once, exit 64", async () => {
    const [broker, standIn] = await start();
    const stranger = brokerAt(broker.url, "wr0ng");
    const failed = publishPacts(stranger, pactsOf("erp"), "abc", "main");
    await expect(failed).rejects.toMatchObject({
      exitCode: 64,
      what: expect.stringContaining("nothing was published"),
    });
    await expect(failed).rejects.not.toThrow(/wr0ng/);
    expect(standIn.pacts.size).toBe(0);
  });

  test.each([
    ["HTML", "<html>welcome</html>"],
    ["JSON of something else", '{"hello":"world"}'],
    ["nothing", ""],
  ])("one that answers %s is none, exit 69", async (_, answer) => {
    const [broker] = await start({ answer });
    const failed = publishPacts(broker, pactsOf("erp"), "abc", "main");
    await expect(failed).rejects.toMatchObject({ exitCode: 69, what: "What answers is no Pact Broker." });
    await expect(fetchPacts(broker, provider, "main")).rejects.toMatchObject({ exitCode: 69 });
  });

  test("one that refuses the pacts, or a result, is told with its answer, exit 69", async () => {
    const [broker] = await start({ refuse: "/contracts" });
    await expect(publishPacts(broker, pactsOf("erp"), "abc", "main")).rejects.toMatchObject({
      exitCode: 69,
      what: "The pacts could not be published.",
    });
  }, 60_000);

  test("one that is not there is unreachable, exit 69", async () => {
    const port = await closedPort();
    const broker = brokerAt(`http://127.0.0.1:${port}`, "x");
    await expect(fetchPacts(broker, provider, "main")).rejects.toMatchObject({
      exitCode: 69,
      got: "ECONNREFUSED",
    });
    await expect(canIDeploy(broker, serverless)).rejects.toMatchObject({ exitCode: 69 });
  });

  test("selectors that choose nothing are an error, not a success", async () => {
    const [broker] = await start();
    await expect(fetchPacts(broker, provider, "main")).rejects.toMatchObject({
      exitCode: 64,
      got: "0 pacts",
    });
  });

  test("an address that is none is bad usage; none at all means no broker", () => {
    expect(readBroker({})).toBeUndefined();
    expect(() => readBroker({ PACT_BROKER_BASE_URL: "broker" })).toThrow(/PACT_BROKER_BASE_URL/);
  });
});

describe("without a broker, by the evidence of a run", () => {
  const record = runRecord();
  const commit = record.file.git.commit;
  const now = new Date("2026-01-31T13:00:00.000Z");

  test("yes when all of it was verified at this very commit", () => {
    expect(localAnswer(record, "serverless", commit, now)).toMatchObject({ answer: "yes" });
  });

  test("no when a consumer would break", () => {
    const [first, ...rest] = record.pact.toReversed();
    const broken = { ...record, pact: [...rest, { ...(first as PactResult), outcome: "broken" as const }] };
    expect(localAnswer(broken, "serverless", commit, now)).toMatchObject({ answer: "no" });
    expect(localAnswer(broken, "monolith", commit, now)).toMatchObject({ answer: "yes" });
  });

  test.each<readonly [string, Parameters<typeof localAnswer>]>([
    ["another commit", [record, "serverless", "another", now]],
    ["no commit", [record, "serverless", null, now]],
    ["a target that was not verified", [record, "other", commit, now]],
    ["old evidence", [record, "serverless", commit, new Date("2026-02-28T00:00:00Z")]],
    ["evidence that is not there", [{ ...record, pact: [] }, "serverless", commit, now]],
    [
      "changes beyond the commit",
      [{ ...record, file: { ...record.file, git: { commit, dirty: true } } }, "serverless", commit, now],
    ],
    [
      "some interactions only",
      [
        { ...record, file: { ...record.file, pactPlan: { interactions: [], unused: [], partial: true } } },
        "serverless",
        commit,
        now,
      ],
    ],
  ])("unknown, which is no, with %s", (_, args) => {
    expect(localAnswer(...args)).toMatchObject({ answer: "unknown" });
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
