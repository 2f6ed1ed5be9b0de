import { Problem } from "./problem.ts";

/** The strong entity tag of a version. A version counts changes of the representation, and of nothing else. */
export const etagOf = (version: number): string => `"v${version}"`;

/**
 * If-Match (RFC 9110, 13.1.1): `*`, or a list in which one strong tag is the current one.
 * @throws Problem 428 when absent, 412 when nothing matches
 */
export function requireMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined)
    throw new Problem("precondition-required", "Send If-Match with the ETag you last saw.");
  const tags: readonly string[] = ifMatch.match(/(W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
  if (ifMatch.trim() !== "*" && !tags.includes(etagOf(version)))
    throw new Problem("precondition-failed", "The resource has changed.");
}
