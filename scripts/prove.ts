#!/usr/bin/env -S npm run prove --
// What takes too long for `npm test`: every seeded defect, every defect that a pact has to find, every fault, and
// clean runs again and again.
import { EXIT } from "../gates/exit.ts";
import { readFlags, shared, text } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { runNode } from "./lib/run.ts";

await main(async ({ signal }) => {
  const flags = readFlags({
    name: "prove",
    says: "Proves Cutover on its own systems: all seeded defects are noticed, by contract tests, pacts and parity, no fault is ever GO, and clean systems stay green.",
    flags: {
      repeat: { value: "N", says: "clean runs of the contract tests on both targets (default 20)" },
      seed: shared.seed,
    },
  });
  const seed = Number(text(flags, "seed") ?? Date.now() % 2 ** 31);
  const repeat = Number(text(flags, "repeat") ?? 20);
  let passed = 0;
  let failed = 0;
  const step = async (name: string, script: string, args: readonly string[]): Promise<void> => {
    const began = performance.now();
    const code = await runNode(script, args, { signal });
    if (code === EXIT.holds) passed += 1;
    else failed += 1;
    console.log(
      `${code === EXIT.holds ? "ok    " : "FAILED"} ${name}: exit ${code} after ${Math.round((performance.now() - began) / 1000)} s`,
    );
  };
  await step("all seeded defects", "scripts/defects.ts", ["--seed", String(seed)]);
  await step("all provider defects", "scripts/pact-defects.ts", []);
  await step("all faults, none of them GO", "scripts/faults.ts", ["--seed", String(seed)]);
  await step("all behavioural defects, by parity", "scripts/parity-defects.ts", [
    "--beside",
    "--seed",
    String(seed),
  ]);
  await step("the fixtures' differences, by parity", "scripts/parity-defects.ts", [
    "--fixtures",
    "--beside",
    "--seed",
    String(seed),
  ]);
  for (let run = 1; run <= repeat; run++) {
    await step(`clean run ${run} of ${repeat}`, "scripts/contracts.ts", ["--seed", String(seed + run)]);
  }
  await step("clean runs to the verdict, and 10,000 drawn from them", "scripts/clean-runs.ts", [
    ...["--runs", String(repeat), "--seed", String(seed)],
  ]);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? EXIT.holds : EXIT.wrong;
});
