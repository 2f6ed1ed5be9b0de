import { defineConfig } from "./gates/config.ts";

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
          { name: "warm-up", rate: 2, seconds: 4 },
          { name: "steady", rate: 5, seconds: 20 },
          { name: "burst", rate: 8, seconds: 2 },
          { name: "after", rate: 4, seconds: 4 },
        ],
        // 2,995 requests without an error bound the rate at 0.1 % with 95 % confidence; the rest is reserve.
        requests: 3300,
      },
      // 299 cold starts under the limit bound their P99 with 95 % confidence.
      coldStart: { samples: 310 },
      parity: { sequences: 30, seconds: 120 },
      gates: [
        { gate: "contracts", cases: 42 },
        // 15 of them, drawn independently, bound divergence at 18.1 % with 95 % confidence.
        { gate: "parity", limit: "20 %" },
        { gate: "generator" },
        { gate: "errorRate", limit: "0.1 %" },
        { gate: "coldStart.p99", limit: "1000 ms" },
      ],
    },
    release: {
      label: "the limits of a production traffic shift",
      load: {
        scenario: "journey",
        phases: [
          { name: "steady", rate: 6, seconds: 600 },
          { name: "burst", rate: 12, seconds: 30 },
          { name: "after", rate: 6, seconds: 60 },
        ],
        // 149,786 requests without an error bound the rate at 0.002 % with 95 % confidence.
        requests: 150_000,
      },
      coldStart: { samples: 780 },
      parity: { seconds: 1200 },
      gates: [
        { gate: "contracts", cases: 42 },
        // 299 sequences drawn independently without a difference bound divergence at 1 % with 95 % confidence.
        { gate: "parity", limit: "1 %" },
        { gate: "generator" },
        { gate: "errorRate", limit: "0.002 %" },
        { gate: "coldStart.p99", limit: "310 ms" },
      ],
    },
  },
});
