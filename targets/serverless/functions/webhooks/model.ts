import { newId } from "../../lib/ids.ts";
import type { Key, Stored } from "../../lib/table.ts";

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

/** The representation of a webhook. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Sorted. */
  readonly events: readonly EventType[];
  readonly description?: string;
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A webhook as stored in the webhooks table under (account, id). */
export interface WebhookItem extends Stored<Webhook> {
  /** In clear, since it signs; shown once, by createWebhook. */
  readonly secret: string;
}

export interface Attempt {
  readonly at: string;
  readonly responseStatus?: number;
  readonly error?: "timeout" | "unreachable";
}

/** The representation of a delivery. */
export interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly event: EventType;
  readonly eventId: string;
  readonly resourceId: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly attempts: readonly Attempt[];
  readonly createdAt: string;
}

/**
 * A delivery, under (account, `dlv#webhookId#id`). While it is pending it has `g`, the sort key of the local index
 * `byGroup`: `place#webhookId`, with the place of its event.
 */
export interface DeliveryItem extends Key {
  readonly g?: string;
  readonly doc: Delivery;
  /** When the next attempt is due, ms. */
  readonly dueAt: number;
  /** Until when (ms) the deliverer that wrote it has this delivery for itself. */
  readonly leasedUntil?: number;
}

/** An event that some webhook is to hear of, under (account, id). */
export interface EventItem extends Key {
  /** While webhooks are unserved: its place, which puts it before its deliveries in the index `byGroup`. */
  readonly g?: string;
  readonly type: EventType;
  readonly resourceId: string;
  readonly createdAt: string;
  /** Where it stands among the events of its group (an invoice): `group#sequence`. */
  readonly place: string;
  /** What every attempt sends. */
  readonly body: string;
  /** Webhooks whose delivery had no room in the event's transaction; the notifier adds them. */
  readonly unserved: readonly string[];
}

/** Stands where an event was to come and did not in time, so that it cannot come any more. */
export interface FenceItem extends Key {
  readonly fenced: true;
}

/** Where the deliveries of a webhook stand. */
export const deliveriesOf = (webhookId: string): string => `dlv#${webhookId}#`;

/** The pending delivery of an event to a webhook. */
export function deliveryOf(event: EventItem, webhookId: string): DeliveryItem {
  const at = Date.parse(event.createdAt);
  const id = newId("dlv", at);
  return {
    pk: event.pk,
    sk: `${deliveriesOf(webhookId)}${id}`,
    g: `${event.place}#${webhookId}`,
    doc: {
      id,
      webhookId,
      event: event.type,
      eventId: event.sk,
      resourceId: event.resourceId,
      status: "pending",
      attempts: [],
      createdAt: event.createdAt,
    },
    dueAt: at,
  };
}
