#!/usr/bin/env -S npm run defects --
// Proves that the contract tests notice what is wrong: each defect of the catalogue, one at a time.
import { EXIT, UsageError } from "../gates/exit.ts";
import { loadSpecs } from "../openapi/model/index.ts";
import { readCatalogue, sampleOf } from "../suites/contract/defects/read.ts";
import { runDefects } from "../suites/contract/defects/run.ts";
import { defectTable } from "../suites/contract/defects/table.ts";
import { readFlags, shared, text, texts } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { progress } from "./lib/progress.ts";
import { reachTargets } from "./lib/targets.ts";
import { configure } from "./lib/verification.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "defects",
    says: "Runs the contract tests against each seeded defect and shows which of them notice it.",
    flags: {
      sample: { value: "N", says: "only so many, spread over the catalogue by the seed" },
      id: { value: "ID", multiple: true, says: "only these, such as D017" },
      seed: shared.seed,
      json: shared.json,
    },
  });
  const config = configure({ ...flags, target: ["monolith"] });
  const all = readCatalogue();
  const ids = texts(flags, "id");
  const count = Number(text(flags, "sample") ?? all.length);
  const chosen = ids ? all.filter(({ id }) => ids.includes(id)) : sampleOf(all, count, config.seed);
  if (chosen.length === 0 || !Number.isInteger(count)) {
    throw new UsageError({
      what: "No defect was chosen.",
      where: "--id or --sample",
      got: (ids ?? [text(flags, "sample")]).join(),
      wanted: `ids from ${all[0]?.id} to ${all.at(-1)?.id}, or a whole number`,
    });
  }
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
