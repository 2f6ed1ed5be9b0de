import { formatTime } from "../domain/time.ts";
import type { EventType } from "./events.ts";

export const deliveryStatuses = ["pending", "succeeded", "failed"] as const;

/** One try to deliver, as the API says it: either a status or why there is none. */
export interface Attempt {
  readonly at: string;
  readonly responseStatus?: number;
  readonly error?: string;
}

export interface DeliveryRow {
  id: string;
  webhook_id: string;
  event: EventType;
  event_id: string;
  resource_id: string;
  status: (typeof deliveryStatuses)[number];
  attempts: Attempt[];
  created_at: Date;
}

/** Delivery as the API says it. */
export const deliveryBody = (row: DeliveryRow) => ({
  id: row.id,
  webhookId: row.webhook_id,
  event: row.event,
  eventId: row.event_id,
  resourceId: row.resource_id,
  status: row.status,
  attempts: row.attempts.map(({ at, responseStatus, error }) => ({
    at,
    ...(responseStatus === undefined ? {} : { responseStatus }),
    ...(error === undefined ? {} : { error }),
  })),
  createdAt: formatTime(row.created_at),
});

/** How long one attempt may take. */
export const attemptTimeoutMs = 2000;

/** Pauses between attempts: after the first, after the second. Then the delivery has failed. */
const pausesMs = [1000, 5000] as const;

/** What follows from an attempt, the `made`-th of its delivery. */
export function afterAttempt(
  attempt: Attempt,
  made: number,
): { readonly status: DeliveryRow["status"]; readonly pauseMs: number } {
  const { responseStatus = 0 } = attempt;
  if (responseStatus >= 200 && responseStatus <= 299) return { status: "succeeded", pauseMs: 0 };
  const pauseMs = pausesMs[made - 1];
  return pauseMs === undefined ? { status: "failed", pauseMs: 0 } : { status: "pending", pauseMs };
}
