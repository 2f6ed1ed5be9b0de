import type { Queryable } from "../db/database.ts";
import { formatDecimal, fromNumeric } from "../domain/decimal.ts";
import { newId } from "../domain/ids.ts";
import { readBody } from "../http/operation.ts";
import { conflict, invalidAt, Problem } from "../http/problem.ts";
import { type NewUsage, newUsage, type UsageEventRow } from "./usage-event.ts";

/** What became of one event. */
export type Outcome =
  | { readonly kind: "recorded" | "duplicate"; readonly event: UsageEventRow }
  | { readonly kind: "rejected"; readonly problem: Problem };

interface SubscriptionFacts {
  id: string;
  status: string;
  starts_at: Date;
}

/**
 * Records usage events, each judged by itself and in order, so that a later one sees the earlier ones.
 *
 * Events that another transaction records at the same moment are waited for and then judged against; inserts go in
 * the order of `eventId`, so that two overlapping batches cannot wait for each other.
 */
export async function record(
  tx: Queryable,
  accountId: string,
  bodies: readonly unknown[],
  now: Date,
): Promise<Outcome[]> {
  const inputs = bodies.map(readItem);
  const valid = inputs.filter((input): input is NewUsage => !(input instanceof Problem));
  const known = byEventId(await findEvents(tx, accountId, valid));
  const subscriptions = await findSubscriptions(tx, accountId, valid);

  const planned = new Map<string, { index: number; input: NewUsage }>();
  inputs.forEach((input, index) => {
    if (input instanceof Problem || known.has(input.eventId) || planned.has(input.eventId)) return;
    const subscription = subscriptions.get(input.subscriptionId);
    if (valueProblem(input, subscription) === undefined && subscription?.status !== "canceled")
      planned.set(input.eventId, { index, input });
  });
  const inserted = byEventId(
    await insert(
      tx,
      accountId,
      [...planned.values()].map(({ input }) => input),
      now,
    ),
  );
  const lost = [...planned.values()]
    .map(({ input }) => input)
    .filter(({ eventId }) => !inserted.has(eventId));
  for (const row of await findEvents(tx, accountId, lost)) known.set(row.event_id, row);

  return inputs.map((input, index) => {
    if (input instanceof Problem) return { kind: "rejected", problem: input };
    const mine = inserted.get(input.eventId);
    if (mine !== undefined && planned.get(input.eventId)?.index === index)
      return { kind: "recorded", event: mine };
    const earlier = known.get(input.eventId) ?? mine;
    return judge(input, earlier, subscriptions.get(input.subscriptionId));
  });
}

/** Judges an event that was not recorded now. */
function judge(
  input: NewUsage,
  earlier: UsageEventRow | undefined,
  subscription: SubscriptionFacts | undefined,
): Outcome {
  if (earlier !== undefined && earlier.voided_at === null && isSame(input, earlier))
    return { kind: "duplicate", event: earlier };
  const problem =
    valueProblem(input, subscription) ??
    conflict(
      earlier === undefined
        ? "The subscription is canceled."
        : earlier.voided_at === null
          ? "The eventId belongs to another event."
          : "The eventId belongs to a voided event.",
    );
  return { kind: "rejected", problem };
}

function valueProblem(input: NewUsage, subscription: SubscriptionFacts | undefined): Problem | undefined {
  if (subscription === undefined)
    return invalidAt("/subscriptionId", "is not a subscription of this account");
  if (input.occurredAt < subscription.starts_at)
    return invalidAt("/occurredAt", "lies before the subscription's startsAt");
  return undefined;
}

const isSame = (input: NewUsage, row: UsageEventRow): boolean =>
  input.subscriptionId === row.subscription_id &&
  input.meter === row.meter &&
  input.quantity === fromNumeric(row.quantity) &&
  input.occurredAt.getTime() === row.occurred_at.getTime();

function readItem(body: unknown): NewUsage | Problem {
  try {
    return readBody(newUsage, body);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

const byEventId = (rows: readonly UsageEventRow[]): Map<string, UsageEventRow> =>
  new Map(rows.map((row) => [row.event_id, row]));

async function findEvents(
  tx: Queryable,
  accountId: string,
  inputs: readonly NewUsage[],
): Promise<UsageEventRow[]> {
  if (inputs.length === 0) return [];
  return tx.rows("SELECT * FROM usage_events WHERE account_id = $1 AND event_id = ANY ($2)", [
    accountId,
    inputs.map((input) => input.eventId),
  ]);
}

async function findSubscriptions(
  tx: Queryable,
  accountId: string,
  inputs: readonly NewUsage[],
): Promise<Map<string, SubscriptionFacts>> {
  if (inputs.length === 0) return new Map();
  const rows = await tx.rows<SubscriptionFacts>(
    "SELECT id, status, starts_at FROM subscriptions WHERE account_id = $1 AND id = ANY ($2)",
    [accountId, [...new Set(inputs.map((input) => input.subscriptionId))]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** @returns the rows that are new; an `eventId` taken meanwhile gives none */
async function insert(
  tx: Queryable,
  accountId: string,
  inputs: readonly NewUsage[],
  now: Date,
): Promise<UsageEventRow[]> {
  if (inputs.length === 0) return [];
  return tx.rows(
    `INSERT INTO usage_events (id, account_id, event_id, subscription_id, meter, quantity, occurred_at, created_at)
     SELECT id, $1, event_id, subscription_id, meter, quantity, occurred_at, $2
     FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::timestamptz[])
       AS new (id, event_id, subscription_id, meter, quantity, occurred_at)
     ORDER BY event_id COLLATE "C"
     ON CONFLICT (account_id, event_id) DO NOTHING RETURNING *`,
    [
      accountId,
      now,
      inputs.map(() => newId("usg")),
      inputs.map((input) => input.eventId),
      inputs.map((input) => input.subscriptionId),
      inputs.map((input) => input.meter),
      inputs.map((input) => formatDecimal(input.quantity)),
      inputs.map((input) => input.occurredAt.toISOString()),
    ],
  );
}
