import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  type BatchGetCommandOutput,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

/**
 * All tables have the key (pk, sk). A versioned resource is `{pk, sk, version, doc}`: `doc` is its representation,
 * `version` counts the changes of it. Other attributes are internal and never shown.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export interface Stored<T> extends Key {
  readonly version: number;
  readonly doc: T;
}

export type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];
export type Row = Readonly<Record<string, unknown>>;

/** Clients live as long as the execution environment; endpoints and regions come from AWS's own variables. */
export const dynamo = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });

const contexts = [
  "accounts",
  "catalog",
  "subscriptions",
  "usage",
  "invoices",
  "payments",
  "webhooks",
] as const;

/** The table of each context by name, as the template gives it: ACCOUNTS_TABLE, CATALOG_TABLE, … */
export const tables = Object.fromEntries(
  contexts.map((context) => [
    context,
    process.env[`${context.toUpperCase()}_TABLE`] ?? `${context}-table-not-set`,
  ]),
) as Readonly<Record<(typeof contexts)[number], string>>;

/** One item, read consistently. `T` is what this system wrote there. */
export async function read<T extends Key>(table: string, key: Key): Promise<T | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: table, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }),
  );
  return Item as T | undefined;
}

const batchSize = 100;

/** Many items, read consistently, each in the place of its key. A key may repeat. */
export async function readMany<T extends Key>(
  keys: readonly { readonly table: string; readonly key: Key }[],
): Promise<readonly (T | undefined)[]> {
  const nameOf = (table: string, { pk, sk }: Key): string => JSON.stringify([table, pk, sk]);
  const distinct = [...new Map(keys.map((each) => [nameOf(each.table, each.key), each])).values()];
  const found = new Map<string, T>();
  for (let from = 0; from < distinct.length; from += batchSize) {
    let pending: BatchGetCommandInput["RequestItems"] = {};
    for (const [table, ofTable] of Map.groupBy(distinct.slice(from, from + batchSize), (each) => each.table))
      pending[table] = { ConsistentRead: true, Keys: ofTable.map(({ key }) => ({ pk: key.pk, sk: key.sk })) };
    for (let attempt = 0; pending && Object.keys(pending).length > 0; attempt++) {
      if (attempt > 0) await pause(attempt); // DynamoDB leaves out what would have been too much at once
      const batch: BatchGetCommandOutput = await documents.send(
        new BatchGetCommand({ RequestItems: pending }),
      );
      for (const [table, items] of Object.entries(batch.Responses ?? {}))
        for (const item of items as T[]) found.set(nameOf(table, item), item);
      pending = batch.UnprocessedKeys;
    }
  }
  return keys.map(({ table, key }) => found.get(nameOf(table, key)));
}

/** A new item; refused if one with its key exists. */
export const insert = (table: string, item: Key & Row): Write => ({
  Put: { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" },
});

/** Gives a versioned resource its next version; refused unless it still has `stored.version`. `also` sets internals. */
export function replace<T>(table: string, stored: Stored<T>, doc: T, also: Row = {}): Write {
  const names = Object.keys(also);
  return {
    Update: {
      TableName: table,
      Key: { pk: stored.pk, sk: stored.sk },
      ConditionExpression: "version = :version",
      UpdateExpression: `SET doc = :doc, version = :next${names.map((_, i) => `, #also${i} = :also${i}`).join("")}`,
      ...(names.length > 0 && {
        ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#also${i}`, name])),
      }),
      ExpressionAttributeValues: {
        ":doc": doc,
        ":version": stored.version,
        ":next": stored.version + 1,
        ...Object.fromEntries(names.map((name, i) => [`:also${i}`, also[name]])),
      },
    },
  };
}

/** Deletes an item; refused if there is none. */
export const remove = (table: string, key: Key): Write => ({
  Delete: { TableName: table, Key: { pk: key.pk, sk: key.sk }, ConditionExpression: "attribute_exists(pk)" },
});

/** Holds the rest of a transaction to a versioned resource that must not have changed since it was read. */
export const unchanged = (table: string, stored: Stored<unknown>): Write => ({
  ConditionCheck: {
    TableName: table,
    Key: { pk: stored.pk, sk: stored.sk },
    ConditionExpression: "version = :version",
    ExpressionAttributeValues: { ":version": stored.version },
  },
});

const attempts = 12;
const pause = (attempt: number): Promise<void> => sleep(Math.random() * Math.min(5 * 2 ** attempt, 200));

/**
 * Commits all writes or none. Answers undefined when committed, else which of them had a condition that did not
 * hold. That another transaction touched the same items at this moment is not an answer: it is tried again.
 */
export async function commit(writes: readonly Write[]): Promise<readonly boolean[] | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      await send(writes);
      return undefined;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return [true];
      const codes =
        error instanceof TransactionCanceledException
          ? (error.CancellationReasons ?? []).map((r) => r.Code)
          : [];
      if (codes.includes("ConditionalCheckFailed"))
        return codes.map((code) => code === "ConditionalCheckFailed");
      const conflicted =
        codes.includes("TransactionConflict") ||
        (error instanceof Error && error.name === "TransactionConflictException");
      if (!conflicted || attempt === attempts) throw error;
      await pause(attempt);
    }
  }
}

/** One write needs no transaction, which costs twice as much. */
async function send(writes: readonly Write[]): Promise<unknown> {
  const [only] = writes;
  if (writes.length === 1 && only?.Put) return documents.send(new PutCommand(only.Put));
  if (writes.length === 1 && only?.Update) return documents.send(new UpdateCommand(only.Update as never));
  if (writes.length === 1 && only?.Delete) return documents.send(new DeleteCommand(only.Delete));
  return documents.send(new TransactWriteCommand({ TransactItems: [...writes] }));
}

/**
 * Repeats read, decide and write until no other request came between. `attempt` answers undefined when its
 * write was refused because what it had read has changed.
 * @throws Error when the resource is so contended that it never succeeds (the gateway answers 500)
 */
export async function untilUncontended<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let n = 1; n <= attempts; n++) {
    const result = await attempt();
    if (result !== undefined) return result;
    await pause(n);
  }
  throw new Error(`gave up after ${attempts} attempts: the resource keeps changing`);
}

/** A range of one partition, read consistently in the order of its sort key or of a local index. */
export interface Range {
  readonly table: string;
  readonly pk: string;
  /** A local secondary index and its sort attribute. Default: the table itself, by `sk`. */
  readonly index?: { readonly name: string; readonly key: string };
  /** Sort keys from `from` (inclusive) to `to` (inclusive); `prefix` is short for all that start with it. */
  readonly prefix?: string;
  readonly from?: string;
  readonly to?: string;
  readonly descending?: boolean;
  /** Equal values of attributes by path: `{"doc.status": "active"}`; undefined does not filter. */
  readonly filters?: Readonly<Record<string, string | undefined>>;
}

const highest = "\u{10FFFF}"; // sorts behind every key of ours

/**
 * Items of a range, at most `max` of them, after the position `after` (a value of the sort key).
 * Filters are applied while reading, so it may take several requests to fill `max`.
 */
export async function scanRange<T extends Key>(
  range: Range,
  max = Number.POSITIVE_INFINITY,
  after?: string,
): Promise<T[]> {
  const key = range.index?.key ?? "sk";
  const filters = Object.entries(range.filters ?? {}).filter(([, value]) => value !== undefined);
  const paths = filters.map(([path]) => path.split("."));
  const items: T[] = [];
  let start: Row | undefined = after === undefined ? undefined : startAfter(range, after);
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: range.table,
        ConsistentRead: true,
        ScanIndexForward: !range.descending,
        ...(range.index && { IndexName: range.index.name }),
        ...(filters.length === 0 && Number.isFinite(max) && { Limit: max - items.length }),
        ...(start && { ExclusiveStartKey: start }),
        KeyConditionExpression: "pk = :pk AND #key BETWEEN :from AND :to",
        ...(filters.length > 0 && {
          FilterExpression: paths
            .map((path, i) => `${path.map((_, j) => `#f${i}_${j}`).join(".")} = :f${i}`)
            .join(" AND "),
        }),
        ExpressionAttributeNames: {
          "#key": key,
          ...Object.fromEntries(paths.flatMap((path, i) => path.map((name, j) => [`#f${i}_${j}`, name]))),
        },
        ExpressionAttributeValues: {
          ":pk": range.pk,
          ":from": range.from ?? range.prefix ?? " ",
          ":to": range.to ?? `${range.prefix ?? ""}${highest}`,
          ...Object.fromEntries(filters.map(([, value], i) => [`:f${i}`, value])),
        },
      }),
    );
    items.push(...((page.Items ?? []) as T[]));
    start = page.LastEvaluatedKey;
  } while (start && items.length < max);
  return items.slice(0, max);
}

/** In an index, a position is `<what>#<sk>`: its last part is the table's own sort key. */
const startAfter = (range: Range, after: string): Row =>
  range.index
    ? { pk: range.pk, sk: after.slice(after.lastIndexOf("#") + 1), [range.index.key]: after }
    : { pk: range.pk, sk: after };
