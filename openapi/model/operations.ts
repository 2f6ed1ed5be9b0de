import { basename } from "node:path";
import { BrokenReference, SpecUnreadable } from "../errors.ts";
import { readMedia, readParameters, readResponses } from "./parts.ts";
import { join } from "./pointer.ts";
import type { DocumentSet } from "./references.ts";
import type { Document, Located, Operation, RequestBody, SecurityRequirement } from "./types.ts";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/** The operations of one document, in the order they stand there. */
export function readOperations(set: DocumentSet, document: Document): readonly Operation[] {
  const paths = document.root.paths;
  if (paths === null || (paths !== undefined && typeof paths !== "object"))
    throw new SpecUnreadable({
      what: "The paths of a document cannot be read.",
      where: `${document.file}#/paths`,
      got: JSON.stringify(paths),
      wanted: "an object from path to path item",
      next: "Mend the document.",
    });
  const root: Located<unknown> = { file: document.file, pointer: "", value: document.root };
  return Object.keys(paths ?? {}).flatMap((path) => {
    const item = set.child(root, "paths", path);
    if (item === undefined) return [];
    return METHODS.flatMap((method) => {
      const node = set.child(item, method);
      return node === undefined ? [] : [readOperation(set, document, path, method, item, node)];
    });
  });
}

function readOperation(
  set: DocumentSet,
  document: Document,
  path: string,
  method: string,
  item: Located<unknown>,
  node: Located<unknown>,
): Operation {
  const raw = node.value as Record<string, unknown>;
  const security = securityOf(raw.security ?? document.root.security);
  return {
    id: typeof raw.operationId === "string" ? raw.operationId : `${method.toUpperCase()} ${path}`,
    context: basename(document.file).replace(/\.[^.]+$/, ""),
    tags: Array.isArray(raw.tags) ? raw.tags.map(String) : [],
    method: method.toUpperCase(),
    path,
    file: node.file,
    pointer: node.pointer,
    parameters: readParameters(set, item, node),
    requestBody: readRequestBody(set, node),
    responses: readResponses(set, node),
    security,
    scopes: scopesOf(security, raw["x-scope"]),
    vectors: Array.isArray(raw["x-vectors"]) ? raw["x-vectors"] : [],
  };
}

function readRequestBody(set: DocumentSet, node: Located<unknown>): RequestBody | undefined {
  const body = set.child(node, "requestBody");
  if (body === undefined) return undefined;
  return { required: (body.value as Record<string, unknown>).required === true, media: readMedia(set, body) };
}

/** Schemes other than OAuth list no scopes of their own, so `x-scope` (a name, or a list) is read too. */
function scopesOf(security: readonly SecurityRequirement[], extension: unknown): readonly string[] {
  const listed = security.flatMap((alternative) => Object.values(alternative).flat());
  const named =
    typeof extension === "string" ? [extension] : Array.isArray(extension) ? extension.map(String) : [];
  return [...new Set([...listed, ...named])];
}

/** `{}` among the alternatives makes the operation public too. */
function securityOf(raw: unknown): readonly SecurityRequirement[] {
  if (!Array.isArray(raw)) return [];
  const alternatives = raw as Record<string, readonly string[]>[];
  return alternatives.some((alternative) => Object.keys(alternative).length === 0) ? [] : alternatives;
}

/** Links by `operationRef` within the document, as the operation they name. */
export function checkLinks(operations: readonly Operation[]): void {
  const ids = new Set(operations.map((operation) => operation.id));
  for (const operation of operations)
    for (const response of operation.responses)
      for (const link of response.links)
        if (link.operationId !== undefined && !ids.has(link.operationId))
          throw new BrokenReference({
            what: `A link names an operation that does not exist: ${link.operationId}`,
            where: `${operation.file}#${join(operation.pointer, "responses", response.status, "links", link.name)}`,
            got: link.operationId,
            wanted: "the operationId of an operation in the documents read",
            next: "Mend the link, or add the document that has the operation.",
          });
}
