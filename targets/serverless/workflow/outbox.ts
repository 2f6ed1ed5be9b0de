import { deliveryOf, type EventItem, type EventType, type WebhookItem } from "../functions/webhooks/model.ts";
import { newId } from "../lib/ids.ts";
import { insert, scanRange, tables, type Write } from "../lib/table.ts";
import { formatTime } from "../lib/time.ts";
import { startExecution } from "./start.ts";

/** Which webhooks hear of which event. */
export type Listeners = ReadonlyMap<EventType, readonly string[]>;

/** The enabled webhooks of an account that want these events, by event. */
export async function listenersOf(accountId: string, types: readonly EventType[]): Promise<Listeners> {
  const webhooks = await scanRange<WebhookItem>({ table: tables.webhooks, pk: accountId, prefix: "whk_" });
  return listenersAmong(webhooks, types);
}

export function listenersAmong(webhooks: readonly WebhookItem[], types: readonly EventType[]): Listeners {
  const enabled = webhooks.filter(({ doc }) => doc.enabled);
  const wanting = (type: EventType) =>
    enabled.filter(({ doc }) => doc.events.includes(type)).map(({ sk }) => sk);
  return new Map(types.map((type) => [type, wanting(type)]));
}

export interface Happening {
  readonly type: EventType;
  readonly resourceId: string;
  /** The resource as its GET answers at the time of the event. */
  readonly data: object;
}

/** What happens in one transaction. */
export interface Occasion {
  readonly accountId: string;
  /** Deliveries of one group go in order to each webhook: the invoice's id, or the resource's own. */
  readonly group: string;
  /** Orders the transactions of a group. */
  readonly sequence: number;
  /** ms. */
  readonly at: number;
  /** In their order. */
  readonly events: readonly Happening[];
}

export interface Staged {
  /** For the transaction of the change: the events and their deliveries exist if the change does. */
  readonly writes: readonly Write[];
  /** Whether anybody listens. */
  readonly notifies: boolean;
  /** Starts the delivery; to be called before the commit. Does nothing if nobody listens. */
  start(): Promise<void>;
}

/** A transaction has room for 100 writes; the change itself keeps ten of them. */
export const room = 90;

/** Prepares events for a transaction. An event nobody listens to leaves no trace. */
export function stage(listeners: Listeners, occasion: Occasion): Staged {
  const heard = occasion.events.filter(({ type }) => (listeners.get(type)?.length ?? 0) > 0);
  const served = Math.floor(room / Math.max(heard.length, 1)) - 1;
  const events = heard.map((happening, i): EventItem => {
    const webhooks = listeners.get(happening.type) ?? [];
    return unservedEvent(eventOf(occasion, happening, i), webhooks.slice(served));
  });
  const writes = events.flatMap((event) => {
    const webhooks = (listeners.get(event.type) ?? []).slice(0, served);
    return [event, ...webhooks.map((id) => deliveryOf(event, id))];
  });
  const eventId = events[0]?.sk;
  return {
    writes: writes.map((item) => insert(tables.webhooks, { ...item })),
    notifies: eventId !== undefined,
    start: async () => {
      if (eventId === undefined) return;
      const { accountId, group } = occasion;
      await startExecution({ kind: "notify", accountId, group, eventId, execution: eventId });
    },
  };
}

/** An event with webhooks yet to serve; it stands in its group's queue until there are none. */
export function unservedEvent({ g: _, ...event }: EventItem, unserved: readonly string[]): EventItem {
  return { ...event, ...(unserved.length > 0 && { g: event.place }), unserved };
}

function eventOf(
  { accountId, group, sequence, at }: Occasion,
  { type, resourceId, data }: Happening,
  i: number,
) {
  const id = newId("evt", at);
  const createdAt = formatTime(at);
  const body = JSON.stringify({ id, type, createdAt, data });
  const place = `${group}#${String(sequence).padStart(12, "0")}.${i}`;
  return { pk: accountId, sk: id, type, resourceId, createdAt, place, body, unserved: [] };
}
