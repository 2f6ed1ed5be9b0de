#!/usr/bin/env -S npm run cold-starts --
// The cold starts alone.
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "cold-starts",
    says: "Forces cold starts of the target's Lambda functions, one at a time, and judges their P99.",
    flags: { ...shared, samples: { value: "N", says: "samples over all functions" } },
  });
  return verify(life, {
    command: "npm run cold-starts",
    config: configure(flags),
    stages: ["cold-starts"],
    json: flags.json === true,
  });
});
