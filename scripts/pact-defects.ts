#!/usr/bin/env -S npm run pact-defects --
// Proves that the pacts notice what would break a consumer, and nothing else: each defect of the catalogue.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePacts } from "../contracts/consumers/generate.ts";
import { provider } from "../contracts/consumers/settings.ts";
import { readCatalogue } from "../contracts/defects/read.ts";
import { runDefects } from "../contracts/defects/run.ts";
import { defectTable } from "../contracts/defects/table.ts";
import { expectationsOf, readPacts } from "../contracts/pacts/read.ts";
import { EXIT } from "../gates/exit.ts";
import { loadSpecs } from "../openapi/model/index.ts";
import { choosing, chosenFrom } from "./lib/chosen.ts";
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { progress } from "./lib/progress.ts";
import { reachTargets } from "./lib/targets.ts";
import { configure } from "./lib/verification.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "pact-defects",
    says: "Verifies one defective provider after another; each must break exactly the consumers that use what it spoils.",
    flags: {
      ...choosing,
      seed: shared.seed,
    },
  });
  const config = configure({ ...flags, target: ["monolith"] });
  const chosen = chosenFrom(flags, config.seed)(readCatalogue());
  const [sound] = await reachTargets(config, onExit);
  if (sound === undefined) return EXIT.unreachable;
  const dir = mkdtempSync(join(tmpdir(), "cutover-pacts-"));
  onExit(() => rmSync(dir, { recursive: true, force: true }));
  await generatePacts(dir, signal);
  const show = progress("provider defects");
  const outcomes = await runDefects(chosen, {
    ...{ soundUrl: sound.url, provider, signal },
    ...{ model: loadSpecs(config.specs), specs: config.specs, expectations: expectationsOf(readPacts(dir)) },
    onProgress: (done) => show(done, chosen.length, ""),
  });
  const table = defectTable(outcomes);
  console.log(table.text);
  return table.holds ? EXIT.holds : EXIT.wrong;
});
