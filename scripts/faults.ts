#!/usr/bin/env -S npm run faults --
// Proves that nothing that goes wrong ends in GO: each fault in each place, one at a time, and the controls.
import { EXIT, UsageError } from "../gates/exit.ts";
import { cellName, cells, nonsense } from "../load/faults/cells.ts";
import { type CellOutcome, runCell } from "../load/faults/run.ts";
import { readFlags, shared, text } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { reachTargets } from "./lib/targets.ts";
import { configure } from "./lib/verification.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "faults",
    says: "Sends a small load with one thing going wrong at a time, and shows that none of it is ever a GO.",
    flags: {
      only: {
        value: "TEXT",
        says: 'only cells with this in their name, such as "stall" or "none,generator"',
      },
      seed: shared.seed,
      json: shared.json,
    },
  });
  const config = configure(flags);
  const only = text(flags, "only") ?? "";
  const chosen = cells.filter((cell) => only.split(",").some((part) => cellName(cell).includes(part)));
  if (chosen.length === 0) {
    const wanted = cells.map(cellName).join(", ");
    throw new UsageError({ what: "There is no such cell.", where: "--only", got: only, wanted });
  }
  const running = await reachTargets(config, onExit, { say: (line) => console.error(line) });
  const urlOf = (bundled: string): string => running.find((target) => target.bundled === bundled)?.url ?? "";
  const targets = { monolith: urlOf("monolith"), serverless: urlOf("serverless") };
  const common = { targets, specs: config.specs, seed: config.seed, signal };
  // The first users of a fresh system start 18 functions; that is no fault, and not what a control is to show.
  for (const place of ["monolith", "serverless"] as const) await runCell({ place, fault: "none" }, common);
  const outcomes: CellOutcome[] = [];
  for (const cell of chosen) {
    signal.throwIfAborted();
    const outcome = await runCell(cell, common);
    outcomes.push(outcome);
    const why = [outcome.failure, ...outcome.why].filter((reason) => reason !== undefined)[0] ?? "";
    console.error(
      `${outcome.holds ? "ok    " : "FAILED"} ${outcome.cell.padEnd(26)} ${outcome.verdict.padEnd(13)} ${why}`,
    );
  }
  for (const left of nonsense) console.error(`left out: ${left.cells}, because ${left.why}`);
  if (flags.json === true) console.log(JSON.stringify(outcomes, undefined, 2));
  const failed = outcomes.filter(({ holds }) => !holds).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.holds : EXIT.wrong;
});
