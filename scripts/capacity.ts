#!/usr/bin/env -S npm run capacity --
// The burst capacity alone.
import { UsageError } from "../gates/exit.ts";
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "capacity",
    says: "Searches for the highest rate each target holds within its objective, the targets in turns.",
    flags: {
      ...shared,
      replicates: { value: "N", says: "searches on each target, instead of the profile's" },
    },
  });
  const config = configure({ ...flags, profile: flags.profile ?? process.env.CUTOVER_PROFILE ?? "capacity" });
  if (config.capacity === undefined) {
    throw new UsageError({
      what: "This profile says nothing about capacity.",
      where: `profiles.${config.profile.name}`,
      got: "no capacity",
      wanted: "capacity: { scenario, start, most, stepSeconds, replicates, latency }",
    });
  }
  return verify(life, {
    command: "npm run capacity",
    config,
    stages: ["capacity"],
    json: flags.json === true,
  });
});
