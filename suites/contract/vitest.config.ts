import { defineConfig } from "vitest/config";

/** The contract tests; Cutover's own tests have the configuration at the root. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ["all.contract.ts"],
    pool: "forks",
    // One process keeps up with any target on a small machine, and knows what it has in flight.
    maxWorkers: 1,
    // Cases at a time; most of their requests wait for each other (lib/transport.ts).
    maxConcurrency: 8,
    retry: 0,
    // A case has a deadline of its own, below this, so that it can say what it found until then.
    testTimeout: 70_000,
    hookTimeout: 10_000,
    reporters: [`${import.meta.dirname}/reporter.ts`],
  },
});
