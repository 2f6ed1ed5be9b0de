#!/usr/bin/env -S npm test --
// Tests Cutover itself. Arguments go to vitest: `npm test -- gates` runs one room.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT } from "../gates/exit.ts";
import { main } from "./lib/main.ts";
import { runNode } from "./lib/run.ts";

await main(async ({ signal, onExit }) => {
  const folder = mkdtempSync(join(tmpdir(), "cutover-test-"));
  onExit(() => rmSync(folder, { recursive: true, force: true }));
  const results = join(folder, "results.json");
  const code = await runNode(
    "node_modules/vitest/vitest.mjs",
    [
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${results}`,
      ...process.argv.slice(2),
    ],
    { signal },
  );
  const counts = JSON.parse(readFileSync(results, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  // A file that could not even be loaded has no test to count, yet it failed.
  const failed = Math.max(counts.numFailedTests, code === 0 ? 0 : 1);
  console.log(`${counts.numPassedTests} passed, ${failed} failed`);
  return code === 0 && counts.numPassedTests > 0 ? EXIT.holds : EXIT.wrong;
});
