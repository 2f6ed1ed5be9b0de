import type { Document, OperationModel } from "../../openapi/model/index.ts";

/** Keywords that ask for something to be there, or that cannot be told of a part. */
const ASK_FOR_MORE = new Set([
  "required",
  "dependentRequired",
  "minItems",
  "minProperties",
  "contains",
  "if",
  "then",
  "else",
  "not",
]);

const relaxedModels = new WeakMap<OperationModel, OperationModel>();

/**
 * The same documents for parts of values: a consumer names what it uses and leaves the rest out. What it names has to
 * be known and of the documented type; nothing has to be there.
 */
export function relaxed(model: OperationModel): OperationModel {
  const known = relaxedModels.get(model);
  if (known !== undefined) return known;
  const documents = new Map<string, Document>();
  for (const [file, document] of model.documents)
    documents.set(file, { ...document, root: relax(document.root) as Document["root"] });
  const made: OperationModel = { ...model, documents };
  relaxedModels.set(model, made);
  return made;
}

function relax(node: unknown, names = false): unknown {
  if (Array.isArray(node)) return node.map((item) => relax(item));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) => {
      // Below `properties` the keys are names of members, whatever they look like.
      if (names) return [[key, relax(value)]];
      if (ASK_FOR_MORE.has(key)) return [];
      // Without what tells them apart, several alternatives may fit a part.
      if (key === "oneOf") return [["anyOf", relax(value)]];
      return [[key, relax(value, key === "properties" || key === "schemas")]];
    }),
  );
}
