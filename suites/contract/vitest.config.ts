import { defineConfig } from "vitest/config";

/** The contract tests; Cutover's own tests have the configuration at the root. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ["operations/*.contract.ts"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    maxConcurrency: 6,
    retry: 0,
    // A case has a deadline of its own, below this, so that it can say what it found until then.
    testTimeout: 70_000,
    hookTimeout: 10_000,
    reporters: [`${import.meta.dirname}/reporter.ts`],
  },
});
