import { UnknownInSpec } from "../errors.ts";
import { DocumentSet } from "./references.ts";
import type { Document, JsonSchema, Located, LocatedSchema, Operation, OperationModel } from "./types.ts";

/** @throws UnknownInSpec */
export function operationById(model: OperationModel, id: string): Operation {
  const operation = model.byId.get(id);
  if (operation !== undefined) return operation;
  throw new UnknownInSpec({
    what: `No operation is called ${id}.`,
    where: [...model.documents.keys()].join(", "),
    got: id,
    wanted: `one of ${[...model.byId.keys()].join(", ")}`,
    next: "Correct the operationId, or add the document that has it to `specs`.",
  });
}

/** The schema with its chain of `$ref`s followed. */
export function resolveSchema(model: OperationModel, schema: LocatedSchema): LocatedSchema {
  return setOf(model.documents).resolve(schema) as LocatedSchema;
}

/** A schema of `components.schemas` of any of the documents, the operations' own documents first. */
export function componentSchema(model: OperationModel, name: string): LocatedSchema | undefined {
  for (const document of model.documents.values()) {
    const root: Located<unknown> = { file: document.file, pointer: "", value: document.root };
    const found = setOf(model.documents).child(root, "components", "schemas", name);
    if (found !== undefined) return found as Located<JsonSchema>;
  }
  return undefined;
}

function setOf(documents: ReadonlyMap<string, Document>): DocumentSet {
  const set = new DocumentSet();
  for (const [file, document] of documents) set.files.set(file, document);
  return set;
}
