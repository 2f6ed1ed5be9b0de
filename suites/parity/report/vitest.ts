import { relative } from "node:path";
import type { Finding } from "../result.ts";

export interface TestFile {
  /** The folder the file will stand in, and that of this repository. */
  readonly folder: string;
  readonly root: string;
  readonly specs: readonly string[];
  readonly userFile: string;
  readonly baseline: string;
  readonly candidate: string;
}

/** A finding as a test: fails while the two differ, passes when they agree. */
export function vitestFile(
  finding: Finding,
  { folder, root, specs, userFile, baseline, candidate }: TestFile,
): string {
  const up = relative(folder, root) || ".";
  return `// ${finding.title.replace(/\s+/g, " ")}
// Run it: npx vitest run --config suites/parity/vitest.config.ts <this file>
// BASELINE and CANDIDATE name other systems.
import { expect, test } from "vitest";
import { differencesOf } from "${up}/suites/parity/again.ts";
import userFile from "${up}/${relative(root, userFile)}";

const steps = ${JSON.stringify(finding.template, undefined, 2)} as const;

test(${JSON.stringify(`${finding.operation} answers alike on both systems`)}, async () => {
  const differences = await differencesOf(steps as never, {
    specs: ${JSON.stringify(specs)},
    userFile,
    baseline: process.env.BASELINE ?? ${JSON.stringify(baseline)},
    candidate: process.env.CANDIDATE ?? ${JSON.stringify(candidate)},
  });
  expect(differences).toEqual([]);
}, 60_000);
`;
}
