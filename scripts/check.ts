#!/usr/bin/env -S npm run check --
// What must hold before any test is worth running: types, lint and format, fresh generated code, imports.
import { EXIT } from "../gates/exit.ts";
import { main } from "./lib/main.ts";
import { runNode } from "./lib/run.ts";

const checks = [
  ["types", "node_modules/typescript/bin/tsc", ["-p", "."]],
  ["lint and format", "node_modules/@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]],
  ["generated code is fresh", "openapi/generate.ts", ["--check"]],
  ["OpenAPI documents", "openapi/lint.ts", []],
  [
    "import table",
    "node_modules/vitest/vitest.mjs",
    ["run", "scripts/import-table.test.ts", "--reporter=dot"],
  ],
] as const;

await main(async ({ signal }) => {
  const results = await Promise.all(
    checks.map(async ([name, script, args]) => ({ name, code: await runNode(script, args, { signal }) })),
  );
  for (const { name, code } of results) console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
  const failed = results.filter(({ code }) => code !== 0).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.holds : EXIT.wrong;
});
