import { defineConfig } from "vitest/config";

/** The consumers' tests. They write pacts, so they are no part of `npm test`: `npm run pact` starts them. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ["*/*.pact.ts"],
    // Each consumer has a file and a pact of its own; tests of one file run in order.
    pool: "forks",
    maxWorkers: 2,
    retry: 0,
    testTimeout: 20_000,
    reporters: ["dot"],
  },
});
