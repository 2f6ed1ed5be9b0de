import { defineConfig } from "vitest/config";

/** Tests that watch the clock: what else runs on the machine would be in what they measure. */
const timed = [
  "load/{cold-starts,invocations,run}.test.ts",
  "load/capacity/measure.test.ts",
  "load/engine/{drive,faults}.test.ts",
  "load/faults/*.test.ts",
  "scripts/leftovers.test.ts",
  "targets/local-aws/supervisor/*.test.ts",
];

/** Cutover's own tests. The 42 contract tests have their own configuration in `suites/contract/`. */
export default defineConfig({
  test: {
    exclude: ["node_modules/**", "reports/out/**"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "timed",
          include: timed,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "untimed",
          include: ["**/*.test.ts"],
          exclude: timed,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
