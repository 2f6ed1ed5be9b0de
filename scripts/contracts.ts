#!/usr/bin/env -S npm run contracts --
// The 42 contract tests alone, for CI at each deployment.
import { readFlags, shared, texts } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "contracts",
    says: "Runs the contract tests on each target and writes report.html, junit.xml and summary.md.",
    flags: {
      target: shared.target,
      url: shared.url,
      spec: shared.spec,
      case: { value: "ID", multiple: true, says: "only this case, by its id (C01) or operationId" },
      seed: shared.seed,
      json: shared.json,
    },
  });
  const cases = texts(flags, "case")?.flatMap((names) => names.split(","));
  return verify(life, {
    command: "npm run contracts",
    config: configure(flags),
    stages: ["contracts"],
    json: flags.json === true,
    ...(cases && { cases }),
  });
});
