#!/usr/bin/env -S npm run record-deployment --
// Tells the broker that this commit of a target now runs in an environment, as an instance of its own.
import { recordDeployment } from "../contracts/broker/deploy.ts";
import { versionOf } from "../contracts/broker/results.ts";
import { readBroker } from "../contracts/broker/settings.ts";
import { provider } from "../contracts/consumers/settings.ts";
import { EXIT, UsageError } from "../gates/exit.ts";
import { readFlags } from "./lib/cli.ts";
import { deploymentFlags, readDeployment } from "./lib/deployment.ts";
import { requireCommit } from "./lib/facts.ts";
import { main } from "./lib/main.ts";

await main(async () => {
  const flags = readFlags({
    name: "record-deployment",
    says: "Records in the broker that this commit of a target was deployed. Each target is an instance of its own.",
    flags: deploymentFlags,
  });
  const { target, environment, commit } = await readDeployment("record-deployment", flags);
  const broker = readBroker(process.env);
  if (broker === undefined)
    throw new UsageError({
      what: "Deployments are recorded in a Pact Broker, and none is set.",
      where: "PACT_BROKER_BASE_URL",
      got: "nothing",
      wanted: "the broker's URL",
    });
  const version = versionOf(requireCommit({ commit, dirty: false }), target);
  await recordDeployment(broker, { provider, version, environment }, target);
  console.log(`${version} is recorded as deployed to ${environment}, instance ${target}`);
  return EXIT.holds;
});
