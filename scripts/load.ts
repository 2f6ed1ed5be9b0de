#!/usr/bin/env -S npm run load --
// The load alone.
import { readFlags, shared } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "load",
    says: "Sends the profile's load to each target, one after the other, and judges the gates it feeds.",
    flags: { ...shared, requests: { value: "N", says: "least number of requests on each target" } },
  });
  return verify(life, {
    command: "npm run load",
    config: configure(flags),
    stages: ["load"],
    json: flags.json === true,
  });
});
