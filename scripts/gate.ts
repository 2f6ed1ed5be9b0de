#!/usr/bin/env -S npm run gate --
// Judges the evidence of a run again: same evidence, same gates, same verdict.
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { concludeAll, runFolder } from "./lib/verification.ts";

await main(async () => {
  const flags = readFlags({
    name: "gate",
    says: "Judges the evidence of a run and ends with its verdict: GO, NO-GO or INCONCLUSIVE.",
    flags: { run: { value: "ID", says: "the run's id or folder (default the newest)" }, json: shared.json },
  });
  return concludeAll(runFolder(flags), { json: flags.json === true });
});
