import { createHash } from "node:crypto";
import type { Key } from "../../lib/table.ts";

/** The representation of a usage event. */
export interface UsageEvent {
  readonly id: string;
  readonly eventId: string;
  readonly subscriptionId: string;
  readonly meter: string;
  readonly quantity: string;
  readonly occurredAt: string;
  /** The invoice that has claimed it. */
  readonly invoiceId?: string;
  readonly createdAt: string;
}

/**
 * A usage event as stored in the usage table under (account, id). `t` and `s` are the sort keys of the local
 * indexes `byTime` and `bySubscription`; a voided event loses both, so that it is in no list and no sum, but its
 * item stays and keeps its `eventId` taken.
 */
export interface UsageItem extends Key {
  readonly doc: UsageEvent;
  readonly t?: string;
  readonly s?: string;
}

/** What a client says about an event; quantity canonical, time in UTC. */
export interface UsageInput {
  readonly eventId: string;
  readonly subscriptionId: string;
  readonly meter: string;
  readonly quantity: string;
  readonly occurredAt: string;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * The id of an account's event. It follows from `eventId`, so that the condition "no such item yet" of a single
 * put is what makes an eventId unique; 154 bits of SHA-256.
 */
export function usageEventId(accountId: string, eventId: string): string {
  let number = BigInt(`0x${createHash("sha256").update(`${accountId}\n${eventId}`).digest("hex")}`);
  let text = "";
  for (let i = 0; i < 26; i++, number /= 62n) text += alphabet[Number(number % 62n)];
  return `usg_${text}`;
}

/** The item of a new event. */
export function newUsageItem(accountId: string, input: UsageInput, createdAt: string): UsageItem {
  const { eventId, subscriptionId, meter, quantity, occurredAt } = input;
  const id = usageEventId(accountId, eventId);
  return {
    pk: accountId,
    sk: id,
    t: `${occurredAt}#${id}`,
    s: `${subscriptionId}#${occurredAt}#${id}`,
    doc: { id, eventId, subscriptionId, meter, quantity, occurredAt, createdAt },
  };
}

/** A voided event is stored still, but nobody sees it. */
export const isVoided = (item: UsageItem): boolean => item.s === undefined;

/** Whether an event says what is stored already. */
export const isSame = ({ doc }: UsageItem, input: UsageInput): boolean =>
  doc.subscriptionId === input.subscriptionId &&
  doc.meter === input.meter &&
  doc.quantity === input.quantity &&
  doc.occurredAt === input.occurredAt;
