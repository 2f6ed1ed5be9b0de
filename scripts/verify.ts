#!/usr/bin/env -S npm start --
// The main job: everything, on both targets, to a verdict.
import { readFlags, shared } from "./lib/cli.ts";
import { requireFitMachine } from "./lib/doctor.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "start",
    says: "Verifies every target: contract tests, load, cold starts; ends with GO, NO-GO or INCONCLUSIVE and a report.",
    flags: {
      ...shared,
      samples: { value: "N", says: "cold-start samples, instead of the profile's" },
      requests: { value: "N", says: "least number of requests on each target, instead of the profile's" },
    },
  });
  const config = configure(flags);
  await requireFitMachine(config);
  return verify(life, {
    command: "npm start",
    config,
    stages: ["contracts", "load", "cold-starts", "capacity"],
    json: flags.json === true,
  });
});
