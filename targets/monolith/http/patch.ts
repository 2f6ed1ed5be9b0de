import { type Patchable, refuseUnpatchable } from "../validation/merge-patch.ts";
import { Issues, isObject, type Reader, refused } from "../validation/reader.ts";
import { invalid, invalidAt } from "./problem.ts";

/**
 * Validates a merge patch and what results from it. Pointers name members by their path in the patch.
 *
 * @param merge applies the patch to the resource's patchable members
 * @throws Problem 422
 */
export function readPatch<T>(
  result: Reader<T>,
  patch: unknown,
  patchable: Patchable,
  merge: (patch: Record<string, unknown>) => unknown,
): T {
  if (!isObject(patch)) throw invalidAt("", "must be an object");
  const issues = new Issues();
  refuseUnpatchable(patch, patchable, "", issues);
  const read = result(merge(patch), "", issues);
  if (read === refused || issues.count > 0) throw invalid(issues.list);
  return read;
}
