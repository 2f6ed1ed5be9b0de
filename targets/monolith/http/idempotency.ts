import { createHash } from "node:crypto";
import type { Queryable } from "../db/database.ts";
import type { Answer } from "./operation.ts";
import { Problem } from "./problem.ts";

/** How long an answer is kept. */
const keepMs = 24 * 60 * 60 * 1000;
/** Nothing the contract accepts nests deeper; deeper bodies are never kept, so they equal no kept one. */
const deepest = 16;

export const idempotencyKeyPattern = /^[\x21-\x7e]{1,128}$/;

/** Identity of an idempotent request. */
export interface Attempt {
  readonly accountId: string;
  readonly operation: string;
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly now: Date;
}

/** An answer as it went out, body already JSON. */
export interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

interface KeptRow {
  fingerprint: Buffer;
  status: number;
  headers: Record<string, string>;
  body: string;
  created_at: Date;
}

/** What makes two requests the same: the path's ids and the body by value, whatever the order of members. */
export const fingerprintOf = (params: Readonly<Record<string, string>>, body: unknown): Buffer =>
  createHash("sha256")
    .update(canonical([params, body ?? null], 0))
    .digest();

/**
 * Runs `work` once for a key. It must be inside the transaction that `work` writes in: the answer is kept by the
 * same commit, and a failure or a crash releases the key with the rollback.
 *
 * @throws Problem 409 while the first request runs, 422 when the key was used for another request
 */
export async function once(
  tx: Queryable,
  attempt: Attempt,
  work: () => Promise<Answer>,
): Promise<SentAnswer> {
  // Sent together; the search runs second, so that it sees what the lock's last holder committed.
  const [, kept] = await Promise.all([claim(tx, attempt), find(tx, attempt)]);
  if (kept !== undefined) {
    if (!kept.fingerprint.equals(attempt.fingerprint))
      throw new Problem("idempotency-key-reused", "This Idempotency-Key was used for another request.");
    return {
      status: kept.status,
      headers: { ...kept.headers, "Idempotency-Replayed": "true" },
      text: kept.body,
    };
  }
  const answer = await work();
  const sent = { status: answer.status, headers: answer.headers ?? {}, text: JSON.stringify(answer.body) };
  await keep(tx, attempt, sent);
  return sent;
}

/** Forgets answers that are too old to be replayed. */
export const forgetExpired = (db: Queryable, now: Date): Promise<number> =>
  db.run("DELETE FROM idempotency_keys WHERE created_at <= $1", [new Date(now.getTime() - keepMs)]);

/** The lock ends with the transaction. It must be taken by a statement of its own: a search in the same one would look at what was there before. */
async function claim(tx: Queryable, attempt: Attempt): Promise<void> {
  const name = createHash("sha256")
    .update(JSON.stringify([attempt.accountId, attempt.operation, attempt.key]))
    .digest();
  const lock = await tx.row<{ taken: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS taken", [
    name.readBigInt64BE(),
  ]);
  if (lock?.taken !== true)
    throw new Problem("idempotency-in-progress", "The first request with this Idempotency-Key still runs.");
}

async function find(tx: Queryable, attempt: Attempt): Promise<KeptRow | undefined> {
  const row = await tx.row<KeptRow>(
    "SELECT fingerprint, status, headers, body, created_at FROM idempotency_keys WHERE account_id = $1 AND operation = $2 AND key = $3",
    [attempt.accountId, attempt.operation, attempt.key],
  );
  return row !== undefined && attempt.now.getTime() - row.created_at.getTime() < keepMs ? row : undefined;
}

async function keep(tx: Queryable, attempt: Attempt, sent: SentAnswer): Promise<void> {
  await tx.run(
    `INSERT INTO idempotency_keys (account_id, operation, key, fingerprint, status, headers, body, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (account_id, operation, key) DO UPDATE SET fingerprint = excluded.fingerprint,
       status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = excluded.created_at`,
    [
      attempt.accountId,
      attempt.operation,
      attempt.key,
      attempt.fingerprint,
      sent.status,
      JSON.stringify(sent.headers),
      sent.text,
      attempt.now,
    ],
  );
}

/** JSON with sorted members. */
function canonical(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth > deepest) return "too deep";
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, depth + 1)}`).join(",")}}`;
}
