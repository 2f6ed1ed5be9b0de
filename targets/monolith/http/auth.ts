import { createHash } from "node:crypto";
import type { Queryable } from "../db/database.ts";
import { randomText } from "../domain/ids.ts";
import type { Caller, Scope } from "./operation.ts";
import { Problem } from "./problem.ts";

/** A new API key and what is stored of it. */
export function newApiKey(): { key: string; hash: Buffer } {
  const key = `ck_${randomText(40)}`;
  return { key, hash: hashOf(key) };
}

/**
 * Finds whose key an `Authorization` header carries. Every request asks the database, so that a removed member's
 * key stops at once.
 *
 * @throws Problem 401
 */
export async function authenticate(db: Queryable, authorization: string | undefined): Promise<Caller> {
  const key = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  const row =
    key === undefined
      ? undefined
      : await db.row<{ account_id: string; scopes: string[] }>(
          "SELECT account_id, scopes FROM members WHERE key_hash = $1",
          [hashOf(key)],
        );
  if (row === undefined)
    throw new Problem("unauthorized", "A valid API key is required: Authorization: Bearer <key>.", {
      headers: { "WWW-Authenticate": 'Bearer realm="cutover"' },
    });
  return { accountId: row.account_id, scopes: row.scopes };
}

/** @throws Problem 403 when the key does not have the scope */
export function authorize(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) throw new Problem("forbidden", `This key lacks the scope ${scope}.`);
}

const hashOf = (key: string): Buffer => createHash("sha256").update(key).digest();
