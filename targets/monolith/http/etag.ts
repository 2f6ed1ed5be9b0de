import { hash } from "node:crypto";
import { Problem } from "./problem.ts";

/** Strong ETag of a resource: it changes exactly when the representation does. */
export const etagOf = (representation: unknown): string =>
  `"${hash("sha256", JSON.stringify(representation), "base64url").slice(0, 22)}"`;

const tagPattern = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Guards an update by `If-Match` (RFC 9110, 13.1.1). Weak tags never match, `*` always does.
 *
 * @throws Problem 428 without the header, 412 when no tag in it is the current one
 */
export function requireMatch(ifMatch: string | undefined, representation: unknown): void {
  if (ifMatch === undefined) throw new Problem("precondition-required", "If-Match is required.");
  if (ifMatch === "*") return;
  const current = etagOf(representation);
  if (![...ifMatch.matchAll(tagPattern)].some(([tag]) => tag === current))
    throw new Problem("precondition-failed", "The resource is not what If-Match names; read it again.");
}
