import { describe, expect, test } from "vitest";
import { type Config, defineConfig, type Flags, resolveConfig } from "../config.ts";
import { CutoverError } from "../exit.ts";
import { parseLimit } from "./schema.ts";

const config: Config = defineConfig({
  targets: {
    monolith: { role: "baseline", bundled: "monolith" },
    "new-api": {
      role: "candidate",
      bundled: "serverless",
      lambda: { region: "eu-central-1", functions: { AccountsQuery: 3, AccountsCommand: 1 } },
      headers: { "X-Env": "very-secret" },
    },
  },
  profiles: {
    quick: {
      label: "limits for a small shared machine",
      load: { scenario: "journey", phases: [{ name: "steady", rate: 5, seconds: 30 }] },
      coldStart: { samples: 300 },
      gates: [
        { gate: "contracts", cases: 42 },
        { gate: "coldStart.p99", limit: "1 s" },
        { gate: "errorRate", limit: "0.1 %" },
        { gate: "generator" },
      ],
    },
    small: { label: "contracts only", gates: [{ gate: "contracts" }] },
  },
});

const resolve = (raw: unknown = config, env = {}, flags: Flags = {}) => resolveConfig(raw, env, flags, 7);
type Loose = { readonly targets: Record<string, object>; readonly profiles: Record<string, object> };
const changed = (change: (copy: Loose) => void): unknown => {
  const copy = structuredClone(config) as Loose;
  change(copy);
  return copy;
};
const failure = (action: () => unknown): CutoverError => {
  try {
    action();
  } catch (error) {
    if (error instanceof CutoverError) return error;
  }
  throw new Error("no CutoverError was thrown");
};

describe("resolveConfig", () => {
  test("completes what was left out", () => {
    expect(resolve()).toEqual({
      specs: ["openapi/*.yaml"],
      seed: 7,
      sizedByHand: false,
      environments: 24,
      readyMs: 60_000,
      secrets: ["very-secret"],
      coldStart: { samples: 300 },
      load: {
        scenario: "journey",
        phases: [{ name: "steady", rate: 5, seconds: 30 }],
        requests: 0,
        paired: false,
        workers: 1,
        timeoutMs: 10_000,
        specs: ["openapi/*.yaml"],
      },
      profile: {
        name: "quick",
        label: "limits for a small shared machine",
        generator: { latenessP99Ms: 50, eventLoopP99Ms: 100 },
        maxAgeHours: 24,
        gates: [
          { gate: "contracts", cases: 42 },
          { gate: "coldStart.p99", limit: 1000 },
          { gate: "errorRate", limit: 0.001 },
          { gate: "generator" },
        ],
      },
      targets: [
        {
          name: "monolith",
          role: "baseline",
          bundled: "monolith",
          healthPath: "/health",
          versionPath: "/health",
          disposable: true,
          headers: {},
          webhookReceiver: { host: "127.0.0.1", port: 0 },
        },
        {
          name: "new-api",
          role: "candidate",
          bundled: "serverless",
          healthPath: "/health",
          versionPath: "/health",
          disposable: true,
          headers: { "X-Env": "very-secret" },
          lambda: {
            region: "eu-central-1",
            functions: [
              { name: "AccountsQuery", weight: 3 },
              { name: "AccountsCommand", weight: 1 },
            ],
          },
          webhookReceiver: { host: "127.0.0.1", port: 0 },
        },
      ],
    });
  });

  test("a traffic step is a share of a known peak", () => {
    expect(resolve(config, {}, { peak: "400", share: 10 }).load?.peak).toBe(40);
    expect(resolve(config, { CUTOVER_PEAK: "400" }).load?.peak).toBe(400);
    expect(() => resolve(config, {}, { share: 10 })).toThrow(/--peak RPS/);
    expect(() => resolve(config, {}, { share: 110, peak: 1 })).toThrow(/percentage/);
  });

  test("documents may be named by the environment, and by a flag over it", () => {
    expect(resolve(config, { CUTOVER_SPECS: "a.yaml, b.yaml" }).specs).toEqual(["a.yaml", "b.yaml"]);
    expect(resolve(config, { CUTOVER_SPECS: "a.yaml" }, { spec: ["c.yaml"] }).specs).toEqual(["c.yaml"]);
  });

  test("the environment wins over the file, a flag over the environment", () => {
    const env = {
      CUTOVER_NEW_API_URL: "http://env.example/v1/",
      CUTOVER_PROFILE: "small",
      CUTOVER_SEED: "11",
      CUTOVER_SAMPLES: "400",
      CUTOVER_REQUESTS: "",
    };
    const byEnv = resolve(config, env);
    expect(byEnv.targets[1]).toMatchObject({ url: "http://env.example/v1", disposable: false });
    expect(byEnv.targets[1]).not.toHaveProperty("bundled");
    expect(byEnv).toMatchObject({ seed: 11, profile: { name: "small" } });
    const flags = {
      url: "new-api=http://flag.example",
      profile: "quick",
      seed: "12",
      samples: 500,
      requests: "7752",
      target: "new-api",
      paired: true,
    };
    const byFlag = resolve(config, env, flags);
    expect(byFlag.targets.map((target) => target.url)).toEqual(["http://flag.example"]);
    expect(byFlag).toMatchObject({
      seed: 12,
      profile: { name: "quick" },
      coldStart: { samples: 500 },
      load: { requests: 7752, paired: true },
    });
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "an unknown target",
      () => resolve(config, {}, { target: "monolit" }),
      /no such target[\s\S]*--target[\s\S]*monolit[\s\S]*monolith, new-api/,
    ],
    [
      "an unknown profile",
      () => resolve(config, {}, { profile: "fast" }),
      /no such profile[\s\S]*fast[\s\S]*quick, small/,
    ],
    [
      "an unknown profile in the environment",
      () => resolve(config, { CUTOVER_PROFILE: "constructor" }),
      /CUTOVER_PROFILE/,
    ],
    [
      "a URL that is none",
      () => resolve(config, { CUTOVER_MONOLITH_URL: "localhost:3000" }),
      /CUTOVER_MONOLITH_URL[\s\S]*an http or https URL/,
    ],
    ["a URL without a name", () => resolve(config, {}, { url: "http://x" }), /name=URL/],
    ["a seed that is no number", () => resolve(config, {}, { seed: "1e3" }), /--seed[\s\S]*whole number/],
    ["no samples", () => resolve(config, {}, { samples: 0 }), /--samples[\s\S]*at least 1/],
    ["no configuration", () => resolve(null), /the whole[\s\S]*got {5}null/],
    [
      "a misspelt setting",
      () => resolve(changed((c) => Object.assign(c.targets.monolith ?? {}, { rol: 1 }))),
      /targets\.monolith\.rol[\s\S]*no such setting/,
    ],
    [
      "a wrong role",
      () => resolve(changed((c) => Object.assign(c.targets.monolith ?? {}, { role: "old" }))),
      /targets\.monolith\.role[\s\S]*"old"[\s\S]*one of baseline, candidate/,
    ],
    [
      "a target with neither",
      () => resolve({ ...config, targets: { a: { role: "baseline" } } }),
      /neither url nor bundled/,
    ],
    ["no target", () => resolve({ ...config, targets: {} }), /at least one target/],
    [
      "two receivers of webhooks at one port",
      () => {
        const target = { role: "baseline", bundled: "monolith", webhookReceiver: { port: 9090 } };
        return resolve({ ...config, targets: { a: target, b: { ...target, role: "candidate" } } });
      },
      /targets\.b\.webhookReceiver\.port[\s\S]*9090, as a's[\s\S]*a port of its own/,
    ],
    [
      "an unknown gate",
      () => resolve(withGate({ gate: "latency" })),
      /gates\[0\]\.gate[\s\S]*one of contracts/,
    ],
    [
      "a limit without unit",
      () => resolve(withGate({ gate: "coldStart.p99", limit: "310" })),
      /with its unit/,
    ],
    [
      "a limit that is a number",
      () => resolve(withGate({ gate: "coldStart.p99", limit: 310 })),
      /with its unit/,
    ],
    [
      "a limit of the wrong unit",
      () => resolve(withGate({ gate: "errorRate", limit: "310 ms" })),
      /a percentage such as/,
    ],
    [
      "a gate without its limit",
      () => resolve(withGate({ gate: "errorRate" })),
      /gates\[0\]\.limit[\s\S]*nothing/,
    ],
    [
      "a limit where there is none",
      () => resolve(withGate({ gate: "contracts", limit: "1 ms" })),
      /no limit for this gate/,
    ],
    [
      "a gate on an unknown target",
      () => resolve(withGate({ gate: "contracts", target: "x" })),
      /gates\[0\]\.target/,
    ],
    [
      "a limit and a margin",
      () => resolve(withGate({ gate: "latency.p99", limit: "1 s", margin: "10 %" })),
      /gates\[0\]\.margin[\s\S]*not both/,
    ],
    [
      "a latency gate with neither",
      () => resolve(withGate({ gate: "latency.p95" })),
      /a duration such as "310 ms", or a margin such as "10 %"/,
    ],
    [
      "a margin in milliseconds",
      () => resolve(withGate({ gate: "latency.p95", margin: "10 ms" })),
      /margin[\s\S]*a percentage/,
    ],
    [
      "a margin where nothing is compared",
      () => resolve(withGate({ gate: "errorRate", limit: "1 %", margin: "10 %" })),
      /no margin for errorRate/,
    ],
    [
      "a margin without a baseline",
      () =>
        resolve(
          changed((c) => {
            Object.assign(c.targets.monolith ?? {}, { role: "candidate" });
            Object.assign(c.profiles.quick ?? {}, { gates: [{ gate: "latency.p99", margin: "10 %" }] });
          }),
        ),
      /a target of role baseline/,
    ],
    [
      "a capacity without a unit",
      () => resolve(withGate({ gate: "capacity.absolute", limit: "120" })),
      /with its unit/,
    ],
    [
      "a capacity in a profile that searches none",
      () => resolve(withGate({ gate: "capacity.absolute", limit: "120 /s" })),
      /a profile with capacity/,
    ],
    [
      "a recovery in a profile without bursts",
      () =>
        resolve(
          changed((c) =>
            Object.assign(c.profiles.small ?? {}, {
              capacity: {
                scenario: "reads",
                start: 1,
                most: 9,
                stepSeconds: 1,
                replicates: 5,
                latency: "1 s",
              },
              gates: [{ gate: "recoveryTime", limit: "10 s" }],
            }),
          ),
        ),
      /a profile with capacity\.recovery/,
    ],
    [
      "a setting that its gate does not have",
      () => resolve(withGate({ gate: "coldStart.p99", limit: "1 s", endpoints: ["getPlan"] })),
      /gates\[0\]\.endpoints[\s\S]*no such setting for coldStart\.p99/,
    ],
    [
      "a comparison that is looked at early",
      () => resolve(withGate({ gate: "latency.p99", margin: "10 %", sequential: true })),
      /only counts may be looked at early/,
    ],
    [
      "a gate on an unknown phase",
      () => resolve(withGate({ gate: "errorRate", limit: "1 %", phases: ["x"] })),
      /one of steady/,
    ],
    [
      "a gate that nothing feeds",
      () =>
        resolve(changed((c) => Object.assign(c.profiles.small ?? {}, { gates: [{ gate: "generator" }] }))),
      /a profile with load/,
    ],
  ])("%s is one clear message, exit 64", (_, action, message) => {
    const error = failure(action);
    expect(error.exitCode).toBe(64);
    expect(error.message).toMatch(message);
  });

  test("more errors are listed together", () => {
    const error = failure(() => resolve({ targets: { a: { role: 1 } }, profiles: { q: {} } }));
    expect(error.message).toContain("has 3 errors");
    expect(error.message).toContain("also cutover.config.ts: profiles.q.label");
  });
});

function withGate(gate: object): unknown {
  return changed((copy) => Object.assign(copy.profiles.quick ?? {}, { gates: [gate] }));
}

test.each([
  ["310 ms", { value: 310, unit: "ms" }],
  ["1.5 s", { value: 1500, unit: "ms" }],
  ["0.002 %", { value: 0.00002, unit: "share" }],
  ["0.1%", { value: 0.001, unit: "share" }],
  ["310", undefined],
  ["0 ms", undefined],
  ["-1 ms", undefined],
  ["100 %", undefined],
  ["120 /s", { value: 120, unit: "perSecond" }],
  ["0.5/s", { value: 0.5, unit: "perSecond" }],
  ["1e3 ms", undefined],
])("the limit %s", (text, parsed) => {
  expect(parseLimit(text)).toEqual(parsed);
});
