import type { Queryable } from "../db/database.ts";
import { newId } from "../domain/ids.ts";
import { formatTime } from "../domain/time.ts";

export const eventTypes = [
  "invoice.failed",
  "invoice.finalized",
  "invoice.paid",
  "invoice.voided",
  "payment.failed",
  "payment.refunded",
  "payment.succeeded",
  "subscription.canceled",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Something that happened, with the resource as its GET answers at that moment. */
export interface DomainEvent {
  readonly type: EventType;
  readonly data: { readonly id: string };
  /** The invoice it belongs to; events of one invoice are delivered in order. */
  readonly invoiceId?: string;
}

/**
 * Writes a delivery for every webhook that is enabled and subscribed now. Call it inside the transaction in which
 * the event happens (for events of an invoice while its row is locked), and wake the delivery worker after the
 * commit.
 */
export async function publish(
  tx: Queryable,
  accountId: string,
  event: DomainEvent,
  now: Date,
): Promise<void> {
  // The lock makes a webhook that is being deleted disappear here instead of failing the transaction.
  const webhooks = await tx.rows<{ id: string }>(
    "SELECT id FROM webhooks WHERE account_id = $1 AND enabled AND $2 = ANY (events) ORDER BY id FOR KEY SHARE",
    [accountId, event.type],
  );
  if (webhooks.length === 0) return;
  const eventId = newId("evt");
  const body = JSON.stringify({
    id: eventId,
    type: event.type,
    createdAt: formatTime(now),
    data: event.data,
  });
  for (const webhook of webhooks)
    await tx.run(
      `INSERT INTO deliveries (id, webhook_id, event, event_id, resource_id, invoice_id, body, status, due_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $8)`,
      [newId("dlv"), webhook.id, event.type, eventId, event.data.id, event.invoiceId, body, now],
    );
}
