import { join } from "node:path";
import { generatePacts } from "../../contracts/consumers/generate.ts";
import { expectationsOf, readPacts } from "../../contracts/pacts/read.ts";
import { type Selection, select } from "../../contracts/pacts/select.ts";
import { planPacts } from "../../contracts/plan.ts";
import { verifyPacts } from "../../contracts/run.ts";
import type { PactResult } from "../../gates/evidence/index.ts";
import { plural } from "../../gates/format.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import { renderPactResults } from "../../reports/console.ts";
import type { StageKind } from "./stages.ts";
import type { RunningTarget } from "./targets.ts";

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
    const plan = planPacts(loadSpecs(config.specs), expectations);
    say(`\nPacts: ${plural(expectations.length, "interaction")} of ${plan.consumers.join(", ")}`);
    run.setPactPlan(plan.recorded);
    const asked = { ...plan, provider: pacts[0]?.provider ?? "", specs: config.specs, signal };
    const verifyOne = async (target: RunningTarget): Promise<readonly PactResult[]> => {
      run.beginStage("pact", target.name, expectations.length);
      try {
        const results = await verifyPacts(addressOf(target), asked, run);
        run.endStage("pact", target.name, { finished: results.length, status: "done" });
        return results;
      } catch (error) {
        const why = (error as Error).message.split("\n")[0] ?? "";
        run.endStage("pact", target.name, { finished: 0, status: "failed", why });
        throw error;
      }
    };
    // Beside each other: both wait for workflows more than they compute.
    const done = await Promise.allSettled(targets.map(verifyOne));
    const results = done.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    say(renderPactResults(results));
    const failed = done.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  },
};

function addressOf({ name, url, headers, lambda }: RunningTarget) {
  // Each request in flight needs an execution environment; on this machine one has to do.
  return { name, url, headers, ...(lambda?.endpoint !== undefined && { atOnce: 1 }) };
}
