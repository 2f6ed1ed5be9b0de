import { fileURLToPath } from "node:url";
import { closedFindings } from "./lint/closed.ts";
import { exampleFindings } from "./lint/examples.ts";
import type { LintFinding } from "./lint/finding.ts";
import { houseFindings } from "./lint/house.ts";
import { redoclyFindings } from "./lint/redocly.ts";
import { strictFindings } from "./lint/strict.ts";
import { bundledSpecs, loadSpecs, type OperationModel } from "./model/index.ts";

/** Our own rules on a model of the bundled API: pure, without the network. */
export function ownFindings(model: OperationModel): readonly LintFinding[] {
  return [
    ...strictFindings(model),
    ...exampleFindings(model),
    ...closedFindings(model),
    ...houseFindings(model),
  ];
}

/** Everything that is wrong with documents of the bundled API. @throws SpecError when they cannot be read */
export async function lintSpecs(files: readonly string[] = bundledSpecs()): Promise<readonly LintFinding[]> {
  return [...(await redoclyFindings(files)), ...ownFindings(loadSpecs(files))];
}

/** `node openapi/lint.ts`: 0 when clean, 1 with findings, 64 when the documents cannot be read. */
async function main(): Promise<number> {
  const findings = await lintSpecs();
  for (const { rule, where, message } of findings) console.error(`${rule}: ${message}\n  ${where}`);
  console.log(`${bundledSpecs().length} documents, ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = (error as { readonly exitCode?: number }).exitCode ?? 70;
  }
}
