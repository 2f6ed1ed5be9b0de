#!/usr/bin/env -S npm run defects --
// Proves that the contract tests notice what is wrong: each defect of the catalogue, one at a time.
import { EXIT } from "../gates/exit.ts";
import { loadSpecs } from "../openapi/model/index.ts";
import { readCatalogue } from "../suites/contract/defects/read.ts";
import { runDefects } from "../suites/contract/defects/run.ts";
import { defectTable } from "../suites/contract/defects/table.ts";
import { choosing, chosenFrom } from "./lib/chosen.ts";
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { progress } from "./lib/progress.ts";
import { reachTargets } from "./lib/targets.ts";
import { configure } from "./lib/verification.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "defects",
    says: "Runs the contract tests against each seeded defect and shows which of them notice it.",
    flags: {
      ...choosing,
      seed: shared.seed,
      json: shared.json,
    },
  });
  const config = configure({ ...flags, target: ["monolith"] });
  const all = readCatalogue();
  const chosen = chosenFrom(flags, config.seed)(all);
  const [sound] = await reachTargets(config, onExit);
  if (sound === undefined) return EXIT.unreachable;
  console.error(`${chosen.length} of ${all.length} defects, seed ${config.seed}`);
  const show = progress("defects");
  const outcomes = await runDefects(chosen, {
    sound: { name: sound.name, url: sound.url },
    model: loadSpecs(config.specs),
    specs: config.specs,
    seed: config.seed,
    signal,
    onProgress: (done, found) => show(done, chosen.length, `${found} noticed`),
  });
  const table = defectTable(outcomes);
  console.log(flags.json === true ? JSON.stringify(outcomes, undefined, 2) : table.text);
  return table.holds ? EXIT.holds : EXIT.wrong;
});
