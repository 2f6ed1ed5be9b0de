import { join } from "node:path";
import { generatePacts } from "../../contracts/consumers/generate.ts";
import { expectationsOf, readPacts } from "../../contracts/pacts/read.ts";
import { type Selection, select } from "../../contracts/pacts/select.ts";
import { verifyPacts } from "../../contracts/run.ts";
import { Interrupted } from "../../gates/exit.ts";
import { plural } from "../../gates/format.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import type { StageKind } from "./stages.ts";

/** What may be asked of the stage. */
export interface PactWanted extends Selection {
  /** Pacts that are there, instead of those that the consumers' tests write. */
  readonly pacts?: string;
}

/** Consumers → pact files → verification of each target. */
export const pact: StageKind = {
  name: "pact",
  feeds: ["pact"],
  appliesTo: () => true,
  // Known once the consumers have spoken.
  planned: () => 0,
  async run({ run, config, signal, say, pact: wanted = {} }, targets) {
    const dir = wanted.pacts ?? join(run.dir, "pacts");
    if (wanted.pacts === undefined) await generatePacts(dir, signal);
    const pacts = readPacts(dir);
    const expectations = select(expectationsOf(pacts), wanted);
    const consumers = [...new Set(expectations.map(({ consumer }) => consumer))];
    say(`\nPacts: ${plural(expectations.length, "interaction")} of ${consumers.join(", ")}`);
    run.setPactPlan({
      interactions: expectations.map(({ consumer, interaction }) => ({
        consumer,
        interaction: interaction.description,
      })),
      unused: [],
    });
    for (const target of targets) run.beginStage("pact", target.name, expectations.length);
    const model = loadSpecs(config.specs);
    const done = await Promise.allSettled(
      targets.map(async (target) => {
        const results = await verifyPacts(
          {
            name: target.name,
            url: target.url,
            headers: target.headers,
            ...(target.lambda?.endpoint !== undefined && { atOnce: 1 }),
          },
          {
            expectations,
            refused: new Map(),
            provider: pacts[0]?.provider ?? "",
            model,
            specs: config.specs,
            signal,
          },
          run,
        );
        run.endStage("pact", target.name, { finished: results.length, status: "done" });
        const held = results.filter(({ outcome }) => outcome === "verified").length;
        say(`  ${target.name}: ${held} of ${results.length} verified`);
        for (const one of results) if (one.outcome !== "verified") console.error(JSON.stringify(one, null, 1));
      }),
    );
    const failed = done.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (signal.aborted) throw new Interrupted();
  },
};
