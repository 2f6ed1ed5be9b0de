#!/usr/bin/env -S npm run parity-comparison --
// What another tester finds of the behavioural defects: Schemathesis, on the monolith behind the same proxy.
import { EXIT } from "../gates/exit.ts";
import { loadSpecs } from "../openapi/model/index.ts";
import { readBehaviouralDefects } from "../suites/parity/defects/catalogue.ts";
import { startBehavingTarget } from "../suites/parity/defects/target.ts";
import { choosing, chosenFrom } from "./lib/chosen.ts";
import { readFlags, shared, text } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { Schemathesis } from "./lib/schemathesis.ts";
import { reachTargets } from "./lib/targets.ts";
import { configure } from "./lib/verification.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "parity-comparison",
    says: "Runs Schemathesis against each behavioural defect and shows what it finds (SCHEMATHESIS is its path).",
    flags: {
      ...choosing,
      seconds: { value: "N", says: "how long each may take (default 30)" },
      clean: { value: "N", says: "runs that learn what it reports without a defect (default 4)" },
      seed: shared.seed,
    },
  });
  const config = configure({ seed: flags.seed, target: ["monolith"] });
  const model = loadSpecs(config.specs);
  const tester = await Schemathesis.find(model);
  onExit(() => tester.close());
  const chosen = chosenFrom(flags, config.seed)(readBehaviouralDefects());
  const [sound] = await reachTargets(config, onExit);
  const seconds = Number(text(flags, "seconds") ?? 30);
  const learning = Number(text(flags, "clean") ?? 4);
  const given = `${seconds} s each, seed ${config.seed}, ${learning} clean runs learnt from`;
  console.log(`Schemathesis ${tester.version}, ${given}\n\n${tester.heading}`);
  const trials = [
    ...Array.from({ length: learning }, () => ({ id: "learn", defect: undefined })),
    ...Array.from({ length: 2 }, () => ({ id: "clean", defect: undefined })),
    ...chosen.map((defect) => ({ id: defect.id, defect })),
  ];
  for (const [index, { id, defect }] of trials.entries()) {
    if (signal.aborted) throw signal.reason;
    const target = await startBehavingTarget(sound?.url ?? "", model, defect);
    // Removing the owner whose key it has would leave it without a key for the rest of the run.
    const without = defect?.operations.includes("removeMember") ? [] : ["removeMember"];
    const seed = config.seed + index;
    const run = await tester.run({ url: target.url, seconds, seed, learn: id === "learn", without });
    await target.close();
    console.log(tester.row(id, defect, run));
  }
  return EXIT.holds;
});
