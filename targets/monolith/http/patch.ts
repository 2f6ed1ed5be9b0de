import { mergePatch } from "../validation/merge-patch.ts";
import type { Reader } from "../validation/reader.ts";
import { readBody } from "./operation.ts";

/**
 * Applies a merge patch: the patch is held to its schema, and only then is the result to its own. Pointers name
 * members by their path in the patch.
 *
 * @param current the resource's patchable members as the API says them
 * @throws Problem 422
 */
export function applyPatch<T>(patch: Reader<unknown>, result: Reader<T>, current: object, body: unknown): T {
  readBody(patch, body);
  return readBody(result, mergePatch(current, body));
}
