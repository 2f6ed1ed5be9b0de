import { type LocatedSchema, type OperationModel, resolveSchema } from "../model/index.ts";
import { join } from "../model/pointer.ts";
import type { LintFinding } from "./finding.ts";

/** Objects of replies name all their members, so that an unexpected one is a finding and not a surprise. */
export function closedFindings(model: OperationModel): readonly LintFinding[] {
  const seen = new Set<string>();
  const findings: LintFinding[] = [];
  for (const operation of model.operations)
    for (const response of operation.responses)
      if (/^[24]/.test(response.status) && response.status !== "429")
        for (const { schema } of response.media) if (schema !== undefined) visit(schema);
  return findings;

  function visit(unresolved: LocatedSchema): void {
    const schema = resolveSchema(model, unresolved);
    const where = `${schema.file}#${schema.pointer}`;
    if (seen.has(where) || typeof schema.value === "boolean") return;
    seen.add(where);
    const raw = schema.value;
    const isObject = [raw.type].flat().includes("object") || raw.properties !== undefined;
    const closed = raw.additionalProperties !== undefined && raw.additionalProperties !== true;
    // A branch is closed by the schema around it.
    const branch = /\/(allOf|anyOf|oneOf)\/\d+$|\/(not|if|then|else)$/.test(schema.pointer);
    if (isObject && !closed && raw.unevaluatedProperties !== false && !branch)
      findings.push({
        rule: "closed",
        where,
        message: "a reply's object takes members that it does not name",
      });
    for (const [keyword, value] of Object.entries(raw)) {
      const below = (...names: (string | number)[]) => {
        let at: unknown = raw;
        for (const name of names) at = (at as Record<string, unknown>)[String(name)];
        visit({
          file: schema.file,
          pointer: join(schema.pointer, ...names),
          value: at as LocatedSchema["value"],
        });
      };
      if (keyword === "properties") for (const name of Object.keys(value as object)) below(keyword, name);
      else if (/^(items|additionalProperties)$/.test(keyword) && typeof value === "object") below(keyword);
      else if (/^(allOf|anyOf|oneOf|prefixItems)$/.test(keyword))
        for (const index of (value as readonly unknown[]).keys()) below(keyword, index);
    }
  }
}
