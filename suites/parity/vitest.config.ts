import { defineConfig } from "vitest/config";

/** Runs the tests that parity writes for its findings, which Cutover's own tests leave out. */
export default defineConfig({ test: { include: ["reports/out/**/parity-*.test.ts"] } });
