#!/usr/bin/env -S npm run doctor --
// Tells whether this machine can run Cutover, and what it lacks.
import { EXIT } from "../gates/exit.ts";
import { readFlags, shared } from "./lib/cli.ts";
import { examine } from "./lib/doctor.ts";
import { main } from "./lib/main.ts";
import { configure } from "./lib/verification.ts";

await main(async () => {
  const flags = readFlags({
    name: "doctor",
    says: "Checks what a run needs of this machine: Node, memory, disk, PostgreSQL, room for evidence.",
    flags: { target: shared.target, url: shared.url },
  });
  const findings = await examine(configure(flags));
  for (const { name, ok, got, next } of findings) {
    console.log(
      `${ok ? "ok    " : "FAILED"} ${name}: ${got}${ok || next === undefined ? "" : `\n       ${next}`}`,
    );
  }
  return findings.every(({ ok }) => ok) ? EXIT.holds : EXIT.machine;
});
