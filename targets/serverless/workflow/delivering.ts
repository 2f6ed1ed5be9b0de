import {
  type DeliveryItem,
  deliveryOf,
  type EventItem,
  type WebhookItem,
} from "../functions/webhooks/model.ts";
import { commit, insert, read, remove, scanRange, tables, type Write } from "../lib/table.ts";
import { formatTime } from "../lib/time.ts";
import { room, unservedEvent } from "./outbox.ts";
import { type AttemptResult, isSuccess, postSigned } from "./post.ts";

/** Time a receiver has for one attempt. */
const timeoutMs = 2_000;
/** How long a deliverer keeps a delivery for itself: an attempt and the writes around it. */
const leaseMs = 5_000;
/** Pauses after the first and the second failed attempt; after the third the delivery has failed. */
export const pausesMs = [1_000, 5_000] as const;
/** A timer that fires this much early does not put an attempt off. */
const toleranceMs = 20;

/** The oldest pending delivery of each webhook: those behind it wait. `pending` is in order of place. */
export function headsOf(pending: readonly DeliveryItem[]): readonly DeliveryItem[] {
  const heads = new Map<string, DeliveryItem>();
  for (const each of pending) if (!heads.has(each.doc.webhookId)) heads.set(each.doc.webhookId, each);
  return [...heads.values()];
}

export interface Queue {
  /** In order of place. */
  readonly pending: readonly DeliveryItem[];
  /** Events some of whose deliveries are still to be made. */
  readonly unserved: readonly EventItem[];
}

/** What is left to do for a group. */
export async function queueOf(accountId: string, group: string): Promise<Queue> {
  const index = { name: "byGroup", key: "g" };
  const range = { table: tables.webhooks, pk: accountId, index, prefix: `${group}#` };
  const items = await scanRange<DeliveryItem | EventItem>(range);
  return {
    pending: items.filter((item): item is DeliveryItem => "doc" in item),
    unserved: items.filter((item): item is EventItem => "unserved" in item),
  };
}

/** A delivery after an attempt at `at` (ms) that ended at `now`. */
export function attempted(item: DeliveryItem, result: AttemptResult, at: number, now: number): DeliveryItem {
  const { g, leasedUntil: _, ...rest } = item;
  const attempts = [...item.doc.attempts, { at: formatTime(at), ...result }];
  const pause = isSuccess(result) ? undefined : pausesMs[attempts.length - 1];
  const ended = isSuccess(result) ? ("succeeded" as const) : ("failed" as const);
  if (pause === undefined || g === undefined)
    return { ...rest, doc: { ...item.doc, attempts, status: ended } };
  return { ...rest, g, doc: { ...item.doc, attempts }, dueAt: now + pause };
}

/** What became of the head of a queue: `waiting` until `dueAt`, or out of the way. */
export type Progress = { readonly kind: "waiting"; readonly dueAt: number } | { readonly kind: "ended" };

/** Makes the next attempt of a delivery, if it is due and nobody else is at it. */
export async function attempt(item: DeliveryItem): Promise<Progress> {
  const at = Date.now();
  const blockedUntil = Math.max(item.dueAt, item.leasedUntil ?? 0);
  if (blockedUntil > at + toleranceMs) return { kind: "waiting", dueAt: blockedUntil };
  const leased: DeliveryItem = { ...item, leasedUntil: at + leaseMs };
  if (await commit([swap(item, leased)])) return { kind: "waiting", dueAt: at }; // someone else was quicker
  const [webhook, event] = await Promise.all([
    read<WebhookItem>(tables.webhooks, { pk: item.pk, sk: item.doc.webhookId }),
    read<EventItem>(tables.webhooks, { pk: item.pk, sk: item.doc.eventId }),
  ]);
  if (!webhook || !event) {
    await commit([remove(tables.webhooks, item)]); // the webhook was deleted: nobody is to hear of it
    return { kind: "ended" };
  }
  const { secret, doc } = webhook;
  const result = await postSigned({ url: doc.url, secret, body: event.body, now: at, timeoutMs });
  const after = attempted(leased, result, at, Date.now());
  await commit([swap(leased, after)]); // refused: the lease ran out, and who took over records its own attempt
  return after.g === undefined ? { kind: "ended" } : { kind: "waiting", dueAt: after.dueAt };
}

/** Replaces a delivery unless another deliverer has touched it since it was read. */
function swap(before: DeliveryItem, after: DeliveryItem): Write {
  const unleased = before.leasedUntil === undefined;
  return {
    Put: {
      TableName: tables.webhooks,
      Item: after,
      ConditionExpression: `attribute_exists(g) AND dueAt = :due AND ${
        unleased ? "attribute_not_exists(leasedUntil)" : "leasedUntil = :leased"
      }`,
      ExpressionAttributeValues: {
        ":due": before.dueAt,
        ...(!unleased && { ":leased": before.leasedUntil }),
      },
    },
  };
}

/** Adds the deliveries that had no room in the event's own transaction; each commit takes some off the list. */
export async function serveRest(event: EventItem): Promise<void> {
  let left = event;
  while (left.unserved.length > 0) {
    const next = unservedEvent(left, left.unserved.slice(room));
    const deliveries = left.unserved.slice(0, room).map((id) => deliveryOf(left, id));
    const shorten: Write = {
      Put: {
        TableName: tables.webhooks,
        Item: next,
        ConditionExpression: "size(unserved) = :count",
        ExpressionAttributeValues: { ":count": left.unserved.length },
      },
    };
    const refused = await commit([
      shorten,
      ...deliveries.map((each) => insert(tables.webhooks, { ...each })),
    ]);
    if (refused) return; // another execution does it
    left = next;
  }
}
