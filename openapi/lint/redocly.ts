import { createConfig, lint } from "@redocly/openapi-core";
import type { LintFinding } from "./finding.ts";

/** Redocly's `recommended-strict`: every problem counts, warnings too. */
export async function redoclyFindings(files: readonly string[]): Promise<readonly LintFinding[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await Promise.all(files.map((ref) => lint({ ref, config })));
  return problems.flat().map((problem) => {
    const at = problem.location[0];
    return {
      rule: `redocly/${problem.ruleId}`,
      where: at === undefined ? "" : `${at.source.absoluteRef}${at.pointer ?? ""}`,
      message: problem.message,
    };
  });
}
