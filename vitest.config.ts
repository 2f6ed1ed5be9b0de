import { defineConfig } from "vitest/config";

/** Cutover's own tests. The 42 contract tests have their own configuration in `suites/contract/`. */
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", "suites/contract/operations/**", "reports/out/**"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
