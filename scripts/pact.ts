#!/usr/bin/env -S npm run pact --
// What consumers rely on: their tests, their pacts, and whether each target keeps them.
import { readPacts } from "../contracts/pacts/read.ts";
import { readFlags, shared, text, texts } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { configure, verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "pact",
    says: "Runs the consumers' tests, which write their pacts, and verifies each target against all of them.",
    flags: {
      target: shared.target,
      url: shared.url,
      consumer: { value: "NAME", multiple: true, says: "only this consumer's pact" },
      state: { value: "NAME", multiple: true, says: "only interactions in this provider state" },
      pacts: { value: "FOLDER", says: "verify the pacts of this folder, instead of the bundled consumers'" },
      "no-publish": { says: "ask the broker for pacts, and tell it nothing" },
      spec: shared.spec,
      profile: shared.profile,
      json: shared.json,
    },
  });
  const consumers = texts(flags, "consumer");
  const states = texts(flags, "state");
  const pacts = text(flags, "pacts");
  // What cannot be verified is refused before anything is started.
  if (pacts !== undefined) readPacts(pacts);
  return verify(life, {
    command: "npm run pact",
    config: configure(flags),
    stages: ["pact"],
    json: flags.json === true,
    pact: {
      ...(consumers && { consumers }),
      ...(states && { states }),
      ...(pacts !== undefined && { pacts }),
      ...(flags["no-publish"] === true && { publish: false }),
    },
  });
});
