export const eventTypes = [
  "invoice.finalized",
  "invoice.failed",
  "invoice.voided",
  "invoice.paid",
  "payment.succeeded",
  "payment.failed",
  "payment.refunded",
  "subscription.canceled",
] as const;
export type EventType = (typeof eventTypes)[number];

/** A webhook as stored in the webhooks table under (account, id). */
export interface WebhookItem {
  readonly pk: string;
  readonly sk: string;
  readonly id: string;
  readonly url: string;
  /** Sorted. */
  readonly events: readonly EventType[];
  readonly description?: string;
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Needed in clear to sign with; shown once, by createWebhook. */
  readonly secret: string;
  readonly version: number;
}

/** The representation of a webhook. */
export function toWebhook({ id, url, events, description, enabled, createdAt, updatedAt }: WebhookItem) {
  return {
    id,
    url,
    events,
    ...(description === undefined ? {} : { description }),
    enabled,
    createdAt,
    updatedAt,
  };
}
export type Webhook = ReturnType<typeof toWebhook>;

/** An event of which at least one webhook is to hear, under (account, id); its body is what every attempt sends. */
export interface EventItem {
  readonly pk: string;
  readonly sk: string;
  readonly id: string;
  readonly body: string;
  /** Deliveries that found no room in the transaction of the event; the notifier writes them. */
  readonly rest?: readonly DeliveryItem[];
  /** Written in place of an event that did not come in time, so that it can't come any more. */
  readonly fenced?: boolean;
}

export interface Attempt {
  readonly at: string;
  readonly responseStatus?: number;
  readonly error?: string;
}

/**
 * A delivery, under (account, `webhookId#id`). While it is pending it has `g`, the sort key of the local index
 * `byGroup`: `group#sequence#webhookId`. What belongs to one invoice is one group.
 */
export interface DeliveryItem {
  readonly pk: string;
  readonly sk: string;
  readonly g?: string;
  readonly id: string;
  readonly webhookId: string;
  readonly event: EventType;
  readonly eventId: string;
  readonly resourceId: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly attempts: readonly Attempt[];
  readonly createdAt: string;
  /** When the next attempt is due, ms. */
  readonly dueAt: number;
  /** Until when (ms) the deliverer that wrote it has this delivery for itself. */
  readonly leasedUntil?: number;
}

/** The representation of a delivery. */
export function toDelivery(item: DeliveryItem) {
  const { id, webhookId, event, eventId, resourceId, status, attempts, createdAt } = item;
  return { id, webhookId, event, eventId, resourceId, status, attempts, createdAt };
}
export type Delivery = ReturnType<typeof toDelivery>;
