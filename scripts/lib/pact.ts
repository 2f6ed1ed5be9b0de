import { join } from "node:path";
import { ask } from "../../contracts/broker/hal.ts";
import { type BrokerPact, fetchPacts } from "../../contracts/broker/pacts.ts";
import { publishPacts } from "../../contracts/broker/publish.ts";
import { publishResults, versionOf } from "../../contracts/broker/results.ts";
import { type Broker, readBroker } from "../../contracts/broker/settings.ts";
import { generatePacts } from "../../contracts/consumers/generate.ts";
import { provider } from "../../contracts/consumers/settings.ts";
import { expectationsOf, readPacts } from "../../contracts/pacts/read.ts";
import { type Selection, select } from "../../contracts/pacts/select.ts";
import type { Pact } from "../../contracts/pacts/types.ts";
import { planPacts } from "../../contracts/plan.ts";
import { verifyPacts } from "../../contracts/run.ts";
import type { PactResult } from "../../gates/evidence/index.ts";
import { plural } from "../../gates/format.ts";
import { loadSpecs } from "../../openapi/model/index.ts";
import { renderPactResults } from "../../reports/console.ts";
import { gitBranch, requireCommit } from "./facts.ts";
import type { StageContext, StageKind } from "./stages.ts";
import type { RunningTarget } from "./targets.ts";

/** What may be asked of the stage. */
export interface PactWanted extends Selection {
  /** Pacts that are there, instead of those that the consumers' tests write. */
  readonly pacts?: string;
  /** False: the broker is asked for pacts, and told nothing. */
  readonly publish?: boolean;
}

/** Consumers → pact files → verification of each target; with a broker, to and from it. */
export const pact: StageKind = {
  name: "pact",
  feeds: ["pact"],
  appliesTo: () => true,
  // How many there are is known once the consumers have spoken; whether a broker's address is one, at once.
  planned: () => {
    readBroker(process.env);
    return 0;
  },
  async run(context, targets) {
    const { run, config, signal, say, pact: wanted = {} } = context;
    const partial = wanted.consumers !== undefined || wanted.states !== undefined;
    const broker = partial || wanted.pacts !== undefined ? undefined : readBroker(process.env);
    const pacts = await gather(context, broker);
    const expectations = select(expectationsOf(pacts), wanted);
    const plan = planPacts(loadSpecs(config.specs), expectations);
    say(`\nPacts: ${plural(expectations.length, "interaction")} of ${plan.consumers.join(", ")}`);
    run.setPactPlan({ ...plan.recorded, ...(partial && { partial }) });
    const asked = { ...plan, provider, specs: config.specs, signal };
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
    if (broker !== undefined) await tell(broker, context, pacts, results);
  },
};

/** The pacts to verify: those of the consumers here, or what the broker chooses once it has them. */
async function gather(
  { run, config, signal, say, pact: { pacts: folder, publish = true } = {} }: StageContext,
  broker: Broker | undefined,
): Promise<readonly Pact[]> {
  if (folder !== undefined) return readPacts(folder);
  // A broker that does not let us in is known before anything takes time.
  if (broker !== undefined) await ask(broker, "");
  const dir = join(run.dir, "pacts");
  await generatePacts(dir, signal);
  const own = readPacts(dir);
  if (broker === undefined) return own;
  if (publish && planPacts(loadSpecs(config.specs), expectationsOf(own)).refused.size > 0) {
    say("The pacts ask for what cannot be verified: nothing is published.");
    return own;
  }
  const branch = await gitBranch();
  if (publish) await publishPacts(broker, dir, requireCommit(run.file.git), branch);
  const since = ["main", "master"].includes(branch) ? daysAgo(60) : undefined;
  return fetchPacts(broker, provider, branch, since);
}

/** Publishes what became of each pact, once all of it is known and can be trusted. */
async function tell(
  broker: Broker,
  { run, say, pact: { publish = true } = {} }: StageContext,
  pacts: readonly Pact[],
  results: readonly PactResult[],
): Promise<void> {
  const own = pacts.filter((one): one is BrokerPact => "resultsHref" in one);
  if (!publish || own.length === 0) return;
  if (results.some(({ outcome }) => outcome === "unverified"))
    return say("Some interactions were not verified: no result is published.");
  const branch = await gitBranch();
  for (const target of new Set(results.map((result) => result.target))) {
    const version = versionOf(requireCommit(run.file.git), target);
    const ofTarget = results.filter((result) => result.target === target);
    await publishResults(broker, { provider, version, branch }, own, ofTarget);
    say(`Published the results as ${version}`);
  }
}

function addressOf({ name, url, headers, lambda, webhookReceiver }: RunningTarget) {
  // Each request in flight needs an execution environment; on this machine one has to do.
  return { name, url, headers, webhookReceiver, ...(lambda?.endpoint !== undefined && { atOnce: 1 }) };
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
