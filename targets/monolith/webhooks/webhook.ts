import { formatTime } from "../domain/time.ts";
import { removable } from "../validation/merge-patch.ts";
import { defaulted, object, optional, type Reader, refuse, refused, required } from "../validation/reader.ts";
import { boolean, set, text } from "../validation/scalars.ts";
import { type EventType, eventTypes } from "./events.ts";
import { isDeliverable } from "./url.ts";

export interface WebhookRow {
  id: string;
  url: string;
  events: EventType[];
  description: string | null;
  enabled: boolean;
  secret: string;
  created_at: Date;
  updated_at: Date;
}

const events = set(eventTypes, 1, eventTypes.length);
const description = text(1, 200);

const deliverable =
  (allowLoopback: boolean): Reader<string> =>
  (value, pointer, issues) => {
    const url = text(1, 2048)(value, pointer, issues);
    return url === refused || isDeliverable(url, allowLoopback)
      ? url
      : refuse(issues, pointer, "must be an absolute https URL without userinfo and fragment");
  };

/** Bodies of createWebhook and updateWebhook; plain http to this machine is allowed or not. */
export function webhookSchemas(allowLoopback: boolean) {
  const url = deliverable(allowLoopback);
  return {
    created: object({
      url: required(url),
      events: required(events),
      description: optional(description),
      enabled: defaulted(boolean, true),
    }),
    patch: object({
      url: optional(url),
      events: optional(events),
      description: optional(removable(description)),
      enabled: optional(boolean),
    }),
    patched: object({
      // Not judged again: a stored URL stays even where the deployment has become stricter.
      url: required(text(1, 2048)),
      events: required(events),
      description: optional(description),
      enabled: required(boolean),
    }),
  };
}

/** The members a patch applies to. */
export const patchableWebhook = (row: WebhookRow) => ({
  url: row.url,
  events: row.events,
  ...(row.description === null ? {} : { description: row.description }),
  enabled: row.enabled,
});

/** Webhook as the API says it: without its secret. */
export const webhookBody = (row: WebhookRow) => ({
  id: row.id,
  url: row.url,
  events: [...row.events].sort(),
  ...(row.description === null ? {} : { description: row.description }),
  enabled: row.enabled,
  createdAt: formatTime(row.created_at),
  updatedAt: formatTime(row.updated_at),
});
