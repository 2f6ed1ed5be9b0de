#!/usr/bin/env -S npm run targets --
// Starts the bundled systems, prints where they are and keeps them up until Ctrl-C.
import raw from "../cutover.config.ts";
import { resolveConfig } from "../gates/config.ts";
import { EXIT, Interrupted, UsageError } from "../gates/exit.ts";
import { readFlags, shared, text, texts } from "./lib/cli.ts";
import { main } from "./lib/main.ts";
import { leaveNotice, reachTargets } from "./lib/targets.ts";

await main(async ({ signal, onExit }) => {
  const flags = readFlags({
    name: "targets",
    says: "Starts the two bundled reference systems, prints their URLs and keeps them up until Ctrl-C.",
    flags: {
      target: shared.target,
      "monolith-port": { value: "PORT", says: "default 4010; 0 picks a free one" },
      "serverless-port": { value: "PORT", says: "default 4020 (the HTTP API)" },
      "aws-port": { value: "PORT", says: "default 4021 (Lambda, DynamoDB and Step Functions APIs)" },
    },
  });
  const target = texts(flags, "target");
  // Its own systems only: a URL in the environment is somebody else's.
  const config = resolveConfig(raw, {}, target === undefined ? {} : { target }, 0);
  const targets = await reachTargets(config, onExit, {
    reuse: false,
    ports: {
      monolith: port("monolith-port", 4010),
      serverless: port("serverless-port", 4020),
      aws: port("aws-port", 4021),
    },
  });
  leaveNotice(targets, onExit);
  for (const { name, url, version, lambda } of targets) {
    console.log(`${name.padEnd(12)} ${url}   version ${version}`);
    if (lambda?.endpoint !== undefined)
      console.log(`${" ".repeat(12)} ${lambda.endpoint}   AWS APIs, region ${lambda.region}`);
  }
  console.log("Other commands use these systems while they are up. Ctrl-C stops them.");
  await new Promise((_, reject) =>
    signal.addEventListener("abort", () =>
      reject(new Interrupted({ what: "The bundled systems are stopped." })),
    ),
  );
  return EXIT.holds;

  function port(flag: string, fallback: number): number {
    const got = text(flags, flag) ?? String(fallback);
    const value = Number(got);
    if (/^\d+$/.test(got) && value <= 65_535) return value;
    throw new UsageError({
      what: "This is no port.",
      where: `--${flag}`,
      got,
      wanted: "a number from 0 to 65535",
    });
  }
});
