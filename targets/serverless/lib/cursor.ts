import { createHash } from "node:crypto";

/**
 * What a cursor belongs to. A cursor used with anything else is refused, and so is one that somebody changed:
 * it carries a digest of this and of its position.
 */
export interface CursorScope {
  readonly accountId: string;
  readonly operation: string;
  /** Query parameters except `limit` and `cursor`. */
  readonly filters: Readonly<Record<string, string>>;
}

const digestLength = 22;

function digest(scope: CursorScope, position: string): string {
  const filters = Object.entries(scope.filters).sort(([a], [b]) => (a < b ? -1 : 1));
  const bound = JSON.stringify([scope.accountId, scope.operation, filters, position]);
  return createHash("sha256").update(bound).digest("base64url").slice(0, digestLength);
}

/** `position` is the sort key of the last item of a page. */
export const writeCursor = (scope: CursorScope, position: string): string =>
  digest(scope, position) + Buffer.from(position).toString("base64url");

/** The position in a cursor, or undefined if it is not a cursor of this scope. */
export function readCursor(scope: CursorScope, cursor: string): string | undefined {
  const position = Buffer.from(cursor.slice(digestLength), "base64url").toString();
  return writeCursor(scope, position) === cursor ? position : undefined;
}
