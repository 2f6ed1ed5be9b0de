#!/usr/bin/env -S npm run parity --
// Where do the two systems differ? Generated, stateful traffic to both; or recorded traffic, replayed.
import { readFlags, shared, text } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { acceptFrom, openAccount, parityConfig, parityFlags } from "./lib/parity-command.ts";
import { verify } from "./lib/verification.ts";

await main(async (life) => {
  const flags = readFlags({
    name: "parity",
    says: "Sends the same traffic to both systems and shows where their answers differ, and the shortest way to see it.",
    flags: {
      ...parityFlags,
      url: shared.url,
      spec: shared.spec,
      profile: shared.profile,
      seed: shared.seed,
      json: shared.json,
    },
  });
  const config = parityConfig(flags);
  if (text(flags, "accept") !== undefined) return acceptFrom(flags, config);
  if (text(flags, "account") !== undefined) return openAccount(flags, config, life.onExit);
  return verify(life, { command: "npm run parity", config, stages: ["parity"], json: flags.json === true });
});
