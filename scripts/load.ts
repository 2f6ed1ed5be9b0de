#!/usr/bin/env -S npm run load --
// The load alone.
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "load",
    says: "Sends the profile's load to each target, one after the other or at once, and judges the gates it feeds.",
    flags: {
      ...shared,
      requests: { value: "N", says: "least number of requests on each target" },
      peak: { value: "RPS", says: "requests a second that the profile's highest rate becomes" },
      scenario: { value: "NAME", says: "a scenario of load/scenarios/, smoke, or an Artillery file" },
      paired: { says: "to all targets at the same time, so that their latencies can be compared" },
      share: { value: "PERCENT", says: "of the peak, for a traffic step: 10, 50, 100" },
    },
  });
  return verify(life, {
    command: "npm run load",
    config: configure(flags),
    stages: ["load"],
    json: flags.json === true,
  });
});
