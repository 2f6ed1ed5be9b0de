import { createHash } from "node:crypto";

/**
 * A usage event as stored in the usage table under (account, id). `t` and `s` are the sort keys of the local
 * indexes `byTime` and `bySubscription`; a voided event loses both, so that it is in no list and no sum, but its
 * item stays and keeps its `eventId` taken.
 */
export interface UsageItem {
  readonly pk: string;
  readonly sk: string;
  readonly t?: string;
  readonly s?: string;
  readonly id: string;
  readonly eventId: string;
  readonly subscriptionId: string;
  readonly meter: string;
  readonly quantity: string;
  readonly occurredAt: string;
  readonly createdAt: string;
  /** The invoice that has claimed it. */
  readonly invoiceId?: string;
  readonly voided?: boolean;
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
  const id = usageEventId(accountId, input.eventId);
  return {
    pk: accountId,
    sk: id,
    t: `${input.occurredAt}#${id}`,
    s: `${input.subscriptionId}#${input.occurredAt}#${id}`,
    id,
    eventId: input.eventId,
    subscriptionId: input.subscriptionId,
    meter: input.meter,
    quantity: input.quantity,
    occurredAt: input.occurredAt,
    createdAt,
  };
}

/** Whether an event says what is stored already. */
export function isSame(item: UsageItem, input: UsageInput): boolean {
  return (
    item.subscriptionId === input.subscriptionId &&
    item.meter === input.meter &&
    item.quantity === input.quantity &&
    item.occurredAt === input.occurredAt
  );
}

/** The representation of an event. */
export function toUsageEvent(item: UsageItem) {
  const { id, eventId, subscriptionId, meter, quantity, occurredAt, invoiceId, createdAt } = item;
  return {
    id,
    eventId,
    subscriptionId,
    meter,
    quantity,
    occurredAt,
    ...(invoiceId === undefined ? {} : { invoiceId }),
    createdAt,
  };
}
export type UsageEvent = ReturnType<typeof toUsageEvent>;
