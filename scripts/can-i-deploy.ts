#!/usr/bin/env -S npm run can-i-deploy --
// Whether a target may go to an environment: by the broker, or without one by the evidence of a run.
import { canIDeploy } from "../contracts/broker/deploy.ts";
import { localAnswer } from "../contracts/broker/local.ts";
import { versionOf } from "../contracts/broker/results.ts";
import { readBroker } from "../contracts/broker/settings.ts";
import { provider } from "../contracts/consumers/settings.ts";
import { readRun } from "../gates/evidence/index.ts";
import { EXIT } from "../gates/exit.ts";
import { readFlags } from "./lib/cli.ts";
import { deploymentFlags, readDeployment } from "./lib/deployment.ts";
import { main } from "./lib/main.ts";
import { runFolder } from "./lib/verification.ts";

await main(async () => {
  const flags = readFlags({
    name: "can-i-deploy",
    says: "Whether every consumer can live with this commit of a target. What is not known is no.",
    flags: {
      ...deploymentFlags,
      run: { value: "ID", says: "without a broker: the run whose evidence decides (default the newest)" },
      tries: { value: "N", says: "ask the broker so often while something is unknown (default 1)" },
      interval: { value: "SECONDS", says: "and wait so long in between (default 10)" },
    },
  });
  const { target, environment, commit, retry } = await readDeployment("can-i-deploy", flags);
  const broker = readBroker(process.env);
  const version = versionOf(commit ?? "unknown", target);
  const { answer, why } =
    broker === undefined
      ? localAnswer(readRun(runFolder(flags)), target, commit, new Date())
      : await canIDeploy(broker, { provider, version, environment }, retry);
  const by = broker === undefined ? "by the evidence on this machine; no broker is set" : "by the broker";
  console.log(
    `${answer === "yes" ? "yes" : `no (${answer === "no" ? "it breaks a consumer" : "unknown"})`}  ${version} to ${environment}, ${by}: ${why}`,
  );
  return { yes: EXIT.holds, no: EXIT.wrong, unknown: EXIT.unknown }[answer];
});
