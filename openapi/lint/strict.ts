import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { schemaUri } from "../conformance/index.ts";
import { OPENAPI_WORDS } from "../conformance/schema.ts";
import type { LocatedSchema, OperationModel } from "../model/index.ts";
import type { LintFinding } from "./finding.ts";

/**
 * Every schema compiles in Ajv's strict mode: a misspelt keyword or an unknown format would otherwise check
 * nothing, in silence.
 */
export function strictFindings(model: OperationModel): readonly LintFinding[] {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addVocabulary([...OPENAPI_WORDS]);
  for (const { file, root } of model.documents.values())
    ajv.addSchema({ ...root, $id: schemaUri(file, "").slice(0, -1) }, undefined, false, false);
  return schemasOf(model).flatMap(({ file, pointer }) => {
    try {
      ajv.compile({ $ref: schemaUri(file, pointer) });
      return [];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return [{ rule: "strict", where: `${file}#${pointer}`, message }];
    }
  });
}

function schemasOf(model: OperationModel): readonly LocatedSchema[] {
  return model.operations
    .flatMap((operation) => [
      ...operation.parameters.map((parameter) => parameter.schema),
      ...(operation.requestBody?.media ?? []).map((media) => media.schema),
      ...operation.responses.flatMap((response) => [
        ...response.media.map((media) => media.schema),
        ...response.headers.map((header) => header.schema),
      ]),
    ])
    .filter((schema) => schema !== undefined);
}
