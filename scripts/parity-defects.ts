#!/usr/bin/env -S npm run parity-defects --
// Proves that parity finds what differs: each behavioural defect alone, or each known difference of the fixtures.
import { EXIT } from "../gates/exit.ts";
import { heading, judgeOutcomes, row } from "../suites/parity/defects/table.ts";
import { choosing, chosenFrom } from "./lib/chosen.ts";
import { readFlags, shared, text } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { defectOutcomes, fixtureOutcomes } from "./lib/parity-defects.ts";
import { configure } from "./lib/verification.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "parity-defects",
    says: "Explores parity with each seeded difference alone switched on and shows which are found.",
    flags: {
      fixtures: {
        says: "the known differences of the two fixture APIs, instead of the bundled API's defects",
      },
      ...choosing,
      seconds: { value: "N", says: "how long to look for each at most (default 60)" },
      uncontrolled: { says: "leave out the run without any difference, while you work on one" },
      beside: { says: "look for anything else too, after the difference was found" },
      on: { value: "NAME", says: "the system that gets the defects: serverless (default) or monolith" },
      seed: shared.seed,
      json: shared.json,
    },
  });
  const config = configure({ seed: flags.seed });
  const run = {
    seed: config.seed,
    maxMs: 1000 * Number(text(flags, "seconds") ?? 60),
    beside: flags.beside === true,
    controlled: flags.uncontrolled !== true,
    signal,
    chosen: chosenFrom(flags, config.seed),
    onOutcome: (outcome: Parameters<typeof row>[0]) => console.error(row(outcome)),
  };
  console.error(`seed ${config.seed}\n${heading}`);
  const outcomes =
    flags.fixtures === true
      ? await fixtureOutcomes(run)
      : await defectOutcomes(config, text(flags, "on") ?? "serverless", run, onExit);
  const judged = judgeOutcomes(outcomes);
  console.log(flags.json === true ? JSON.stringify(outcomes, undefined, 2) : judged.text);
  if (signal.aborted) throw signal.reason;
  return judged.holds ? EXIT.holds : EXIT.wrong;
});
