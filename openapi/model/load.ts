import { globSync } from "node:fs";
import { resolve } from "node:path";
import { DuplicateOperation, SpecNotFound } from "../errors.ts";
import { checkLinks, readOperations } from "./operations.ts";
import { DocumentSet } from "./references.ts";
import type { Operation, OperationModel } from "./types.ts";

/**
 * Reads OpenAPI 3 documents and everything they refer to into one model.
 * @param paths files or globs, relative to the working directory. What a glob finds that is no operation's home
 *   (shared components) adds nothing.
 * @throws SpecNotFound, SpecUnreadable, BrokenReference, DuplicateOperation
 */
export function loadSpecs(paths: readonly string[]): OperationModel {
  const set = new DocumentSet();
  const operations: Operation[] = [];
  for (const file of expand(paths)) {
    const document = set.read(file, true);
    set.complete(document);
    operations.push(...readOperations(set, document));
  }
  refuseDuplicates(operations);
  checkLinks(operations);
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  return { operations, byId, documents: set.files };
}

function expand(paths: readonly string[]): readonly string[] {
  const files = paths.flatMap((path) => {
    if (!/[*?{[]/.test(path)) return [resolve(path)];
    const found = globSync(path).sort();
    if (found.length === 0) throw noMatch(path);
    return found.map((name) => resolve(name));
  });
  if (files.length === 0) throw noMatch("(an empty list)");
  return [...new Set(files)];
}

function noMatch(path: string): SpecNotFound {
  return new SpecNotFound({
    what: "No OpenAPI document was found.",
    where: path,
    got: "no file",
    wanted: "at least one file",
    next: "Check the paths and globs under `specs` in the configuration.",
  });
}

/** Two with one id cannot be told apart in evidence, two with one route not on the wire. */
function refuseDuplicates(operations: readonly Operation[]): void {
  const ids = new Map<string, Operation>();
  const routes = new Map<string, Operation>();
  for (const operation of operations) {
    const route = `${operation.method} ${operation.path.replace(/\{[^}]*\}/g, "{}")}`;
    refuse(ids, operation.id, operation, "operationId");
    refuse(routes, route, operation, "route");
  }
}

function refuse(seen: Map<string, Operation>, key: string, operation: Operation, what: string): void {
  const first = seen.get(key);
  if (first !== undefined)
    throw new DuplicateOperation({
      what: `Two operations have the same ${what}: ${key}`,
      where: `${operation.file}#${operation.pointer}`,
      got: `the ${what} of ${first.file}#${first.pointer}`,
      wanted: `one operation for each ${what} over all documents`,
      next: "Rename one, or leave one of the documents out.",
    });
  seen.set(key, operation);
}
