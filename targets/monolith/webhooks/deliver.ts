import type { Database } from "../db/database.ts";
import { formatTime } from "../domain/time.ts";
import { type Attempt, afterAttempt, attemptTimeoutMs, type DeliveryRow } from "./delivery.ts";
import { post, signature } from "./send.ts";

/** An attempt that has no outcome after this long was lost with its process and is made again. */
const leaseMs = attemptTimeoutMs + 3000;

interface Due extends DeliveryRow {
  body: string;
  url: string;
  secret: string;
}

/**
 * Makes one due attempt. No transaction is open while the receiver is waited for: taking a delivery moves its due
 * time behind the end of the attempt, so that nobody else takes it and a crash only delays it.
 *
 * @param wakeIn asks for another look, at a retry's time
 * @returns whether there was one to make
 */
export async function deliverNext(database: Database, wakeIn: (ms: number) => void): Promise<boolean> {
  const delivery = await takeDue(database, new Date());
  if (delivery === undefined) return false;
  const at = new Date();
  const sent = await post(
    delivery.url,
    {
      "Content-Type": "application/json",
      "Webhook-Signature": signature(delivery.secret, Math.floor(at.getTime() / 1000), delivery.body),
    },
    delivery.body,
    attemptTimeoutMs,
  );
  const attempt: Attempt = { at: formatTime(at), ...sent };
  const { status, pauseMs } = afterAttempt(attempt, delivery.attempts.length + 1);
  await database.run(
    `UPDATE deliveries SET status = $2, attempts = attempts || $3::jsonb, due_at = $4
     WHERE id = $1 AND status = 'pending'`,
    [delivery.id, status, JSON.stringify([attempt]), new Date(Date.now() + pauseMs)],
  );
  if (status === "pending") wakeIn(pauseMs);
  return true;
}

/** Takes a delivery that is due and waits for no earlier one of its invoice to the same webhook. */
const takeDue = (database: Database, now: Date): Promise<Due | undefined> =>
  database.row<Due>(
    `UPDATE deliveries taken SET due_at = $2
     FROM webhooks w
     WHERE w.id = taken.webhook_id AND taken.id = (
       SELECT d.id FROM deliveries d
       WHERE d.status = 'pending' AND d.due_at <= $1 AND NOT EXISTS (
         SELECT FROM deliveries e WHERE e.status = 'pending' AND e.webhook_id = d.webhook_id
           AND e.invoice_id = d.invoice_id AND e.sequence < d.sequence)
       ORDER BY d.due_at, d.sequence LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
     RETURNING taken.*, w.url, w.secret`,
    [now, new Date(now.getTime() + leaseMs)],
  );
