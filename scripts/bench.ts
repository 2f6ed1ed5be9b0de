#!/usr/bin/env -S npm run bench --
// The load engine beside other load generators, on this machine, in one run.
import { EXIT } from "../gates/exit.ts";
import { bench } from "../load/bench/run.ts";
import { readFlags } from "./lib/cli.ts";
import { main } from "./lib/main.ts";

await main(async ({ signal }) => {
  readFlags({
    name: "bench",
    says: "Measures the load engine beside Artillery's http engine, autocannon, k6 and vegeta: about four minutes.",
    flags: {},
  });
  const bars = await bench((line) => console.error(line), signal);
  for (const { name, outcome, seen } of bars) console.log(`${outcome.padEnd(8)} ${name}: ${seen}`);
  if (bars.some(({ outcome }) => outcome === "missed")) return EXIT.wrong;
  return bars.some(({ outcome }) => outcome === "untold") ? EXIT.unknown : EXIT.holds;
});
