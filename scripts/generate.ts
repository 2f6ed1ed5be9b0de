#!/usr/bin/env -S npm run generate --
// Generates the types of the OpenAPI documents; `--check` only tells whether they are fresh.
import { EXIT } from "../gates/exit.ts";
import { main } from "./lib/main.ts";
import { runNode } from "./lib/run.ts";

await main(async ({ signal }) => {
  const code = await runNode("openapi/generate.ts", process.argv.slice(2), { signal });
  return code === 0 ? EXIT.holds : EXIT.wrong;
});
