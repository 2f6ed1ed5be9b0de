import { defineConfig } from "./gates/config.ts";

/** Arrivals in slices of a second: nine quiet ones, then a spike, six times. */
const spikes = Array.from({ length: 60 }, (_, second) => (second % 10 === 9 ? 11 : 1));

/**
 * What is verified, with what, against which limits. As it stands it verifies the two bundled reference
 * systems. For your own: give a target a `url` (and `lambda` for cold starts) instead of `bundled`.
 */
export default defineConfig({
  specs: ["openapi/*.yaml"],
  targets: {
    monolith: { role: "baseline", bundled: "monolith" },
    serverless: { role: "candidate", bundled: "serverless" },
  },
  parity: { userFile: "suites/parity/bundled.ts" },
  profile: "quick",
  profiles: {
    quick: {
      label: "limits for the bundled systems on a small shared machine, not for production",
      load: {
        scenario: "journey",
        phases: [
          // Slowly: 18 functions that start at the same time take both cores, and who comes meanwhile is throttled.
          { name: "warm-up", rate: 1, to: 5, seconds: 8 },
          // Lasts longer where a gate counts requests (below); the monolith is only compared with.
          { name: "steady", rate: 5, seconds: 10 },
          { name: "burst", rate: 8, seconds: 2 },
          { name: "after", rate: 4, seconds: 4 },
        ],
        // 2,995 requests without an error bound the rate at 0.1 % with 95 % confidence; the rest is reserve.
        requests: 3010,
      },
      // 299 cold starts under the limit bound their P99 with 95 % confidence.
      coldStart: { samples: 310, burst: { size: 6, times: 3 } },
      parity: { sequences: 30, seconds: 120 },
      gates: [
        { gate: "contracts", cases: 42 },
        { gate: "pact", cases: 74 },
        // 15 of the sequences, drawn independently, bound divergence at 18.1 % with 95 % confidence.
        { gate: "parity", limit: "20 %" },
        { gate: "generator" },
        { gate: "errorRate", limit: "0.1 %" },
        { gate: "correctnessUnderLoad", limit: "0.1 %" },
        // Two systems on one machine: reported, not decisive, until a target has a `url` of its own.
        { gate: "latency.p95", margin: "10 %" },
        { gate: "coldStart.p99", limit: "1000 ms" },
      ],
    },
    // Shapes of load, each for a few minutes on the bundled systems; `--peak RPS` scales one to yours.
    steady: {
      label: "an even load, for the bundled systems on a small shared machine",
      load: {
        scenario: "journey",
        phases: [
          { name: "warm-up", rate: 2, seconds: 5 },
          { name: "steady", rate: 5, seconds: 60, arrivals: "poisson" },
        ],
      },
      gates: [{ gate: "generator" }, { gate: "errorRate", limit: "0.1 %" }],
    },
    burst: {
      label: "from idle to ten times as much within a second, and back",
      load: {
        scenario: "reads",
        phases: [
          { name: "warm-up", rate: 1, seconds: 5 },
          { name: "idle", rate: 1, seconds: 15 },
          { name: "rise", rate: 1, to: 10, seconds: 1 },
          { name: "hold", rate: 10, seconds: 15 },
          { name: "fall", rate: 10, to: 1, seconds: 1 },
          { name: "after", rate: 1, seconds: 15 },
        ],
      },
      gates: [{ gate: "generator" }, { gate: "errorRate", limit: "1 %" }],
    },
    "spike-train": {
      label: "six short spikes out of a low load",
      load: {
        scenario: "reads",
        phases: [
          { name: "warm-up", rate: 1, seconds: 5 },
          { name: "spikes", rate: 2, seconds: 60, trace: spikes },
        ],
      },
      gates: [{ gate: "generator" }, { gate: "errorRate", limit: "1 %" }],
    },
    ramp: {
      label: "ever more users for two minutes",
      load: {
        scenario: "reads",
        phases: [
          { name: "warm-up", rate: 1, seconds: 5 },
          { name: "ramp", rate: 1, to: 10, seconds: 120 },
        ],
      },
      gates: [{ gate: "generator" }, { gate: "errorRate", limit: "1 %" }],
    },
    capacity: {
      label: "what each of the bundled systems holds on a small shared machine, which both of them share",
      capacity: {
        scenario: "reads",
        start: 2,
        most: 200,
        stepSeconds: 5,
        replicates: 5,
        latency: "500 ms",
        slow: "5 %",
        errors: "0.5 %",
        recovery: { factor: 2, seconds: 2, within: 10 },
      },
      gates: [
        { gate: "capacity.ratio", limit: "90 %", required: false },
        { gate: "recoveryTime", limit: "10 s", required: false },
      ],
    },
    soak: {
      label: "an hour of an even load, for what only shows with time",
      load: {
        scenario: "journey",
        phases: [
          { name: "warm-up", rate: 2, seconds: 10 },
          { name: "soak", rate: 3, seconds: 3600, arrivals: "poisson" },
        ],
      },
      gates: [{ gate: "generator" }, { gate: "errorRate", limit: "0.01 %" }],
    },
    release: {
      label: "the limits of a production traffic shift",
      load: {
        scenario: "journey",
        phases: [
          { name: "rise", rate: 1, to: 6, seconds: 60 },
          // At the peak: what is proven is proven of that. `burst` and `capacity` are about more.
          { name: "steady", rate: 6, seconds: 600 },
          { name: "after", rate: 3, seconds: 60 },
        ],
        // 149,786 requests without an error bound the rate at 0.002 % with 95 % confidence.
        requests: 150_000,
      },
      coldStart: { samples: 780, burst: { size: 10, times: 6 } },
      parity: { seconds: 1200 },
      gates: [
        { gate: "contracts", cases: 42 },
        { gate: "pact", cases: 74 },
        // 299 sequences drawn independently without a difference bound divergence at 1 % with 95 % confidence.
        { gate: "parity", limit: "1 %" },
        { gate: "generator" },
        { gate: "errorRate", limit: "0.002 %" },
        { gate: "correctnessUnderLoad", limit: "0.002 %" },
        { gate: "throttleRate", limit: "0.002 %" },
        { gate: "latency.p99", margin: "10 %" },
        { gate: "coldStart.p99", limit: "310 ms" },
      ],
    },
  },
});
