#!/usr/bin/env -S npm run report --
// Renders the reports of a run from its evidence and the verdict that stands.
import { EXIT } from "../gates/exit.ts";
import { writeReports } from "../reports/write.ts";
import { readFlags } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { runFolder } from "./lib/verification.ts";

await main(async () => {
  const flags = readFlags({
    name: "report",
    says: "Writes report.html, junit.xml and summary.md of a run from its evidence and its verdict.",
    flags: { run: { value: "ID", says: "the run's id or folder (default the newest)" } },
  });
  for (const path of Object.values(writeReports(runFolder(flags)))) console.log(path);
  return EXIT.holds;
});
