#!/usr/bin/env -S npm run clean-runs --
// Proves that sound systems are not refused: whole runs, and thousands more drawn from their samples.
import { realpathSync } from "node:fs";
import { type RunRecord, readRun } from "../gates/evidence/index.ts";
import { EXIT } from "../gates/exit.ts";
import { judge } from "../gates/judge.ts";
import { simulator } from "../gates/simulate.ts";
import { randomFrom } from "../load/random.ts";
import { readFlags, shared, texts, wholeNumber } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { runNode } from "./lib/run.ts";
import { runsFolder } from "./lib/verification.ts";

/** Of all runs of a sound system so many may stay open; none may be NO-GO. */
const OPEN = 0.05;

await main(async ({ signal }) => {
  const flags = readFlags({
    name: "clean-runs",
    says: "Verifies the bundled systems again and again, and judges runs drawn from those samples: no NO-GO, few INCONCLUSIVE.",
    flags: {
      runs: { value: "N", says: "whole runs (default 20)" },
      evidence: { value: "DIR", multiple: true, says: "draw from these runs, instead of making any" },
      simulate: { value: "N", says: "runs to draw (default 10000)" },
      seed: shared.seed,
    },
  });
  const seed = wholeNumber(flags, "seed", 1 + (Date.now() % 2 ** 31));
  const runs = wholeNumber(flags, "runs", 20);
  const simulate = wholeNumber(flags, "simulate", 10_000);
  const folders = [...(texts(flags, "evidence") ?? [])];
  if (folders.length === 0) {
    for (let run = 0; run < runs && !signal.aborted; run++) {
      await runNode("scripts/verify.ts", ["--profile", "quick", "--seed", String(seed + run)], { signal });
      folders.push(realpathSync(`${runsFolder}/latest`));
    }
  }
  const records = folders.map((folder) => readRun(folder));
  // Judged as of their own end: old evidence is not what this is about.
  const verdictOf = (record: RunRecord) => judge(record, new Date(record.file.endedAt ?? 0)).verdict;
  const count = (name: string, verdicts: readonly string[]): boolean => {
    const [no, open] = ["NO-GO", "INCONCLUSIVE"].map((one) => verdicts.filter((v) => v === one).length);
    console.error(`${name}: ${verdicts.length} runs, ${no} NO-GO, ${open} INCONCLUSIVE`);
    return no === 0 && (open ?? 0) <= OPEN * verdicts.length;
  };
  const whole = count("whole", records.map(verdictOf));
  const draw = simulator(records, randomFrom(seed));
  const drawn = count(
    "drawn",
    Array.from({ length: simulate }, () => verdictOf(draw())),
  );
  const passed = [whole, drawn].filter(Boolean).length;
  console.log(`${passed} passed, ${2 - passed} failed`);
  return passed === 2 ? EXIT.holds : EXIT.wrong;
});
