import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What waits for retries and workflows goes first, so that the rest fills the time. */
const SLOW = ["webhooks", "invoices", "payments", "usage"];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = SLOW.findIndex((name) => moduleId.endsWith(`/${name}.contract.ts`));
      return place === -1 ? SLOW.length : place;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

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
    sequence: { sequencer: SlowFirst },
    // A case has a deadline of its own, below this, so that it can say what it found until then.
    testTimeout: 70_000,
    hookTimeout: 10_000,
    reporters: [`${import.meta.dirname}/reporter.ts`],
  },
});
