/**
 * The storage engine and expression language of dynalite, without its HTTP server: the parts of it that are used,
 * typed, and the two places where they are changed.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export type Item = Record<string, unknown>;
export type Callback<T = unknown> = (error: DynaliteError | null | undefined, result?: T) => void;

/** An error as dynalite makes them: `body` is what goes over the wire. */
export interface DynaliteError extends Error {
  readonly statusCode?: number;
  readonly body?: Record<string, unknown> & { __type: string };
}

export interface Table {
  readonly TableName: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly LocalSecondaryIndexes?: readonly unknown[];
  readonly GlobalSecondaryIndexes?: readonly unknown[];
}

/** A sorted map of keys to items. */
export interface SubStore {
  lock(key: string, run: (release: (callback: Callback) => Callback) => void): void;
  get(key: string, callback: Callback<Item>): void;
  put(key: string, item: Item, callback: Callback): void;
  del(key: string, callback: Callback): void;
}

export interface Store {
  readonly options: { readonly maxItemSize: number };
  getTable(name: string, callback: Callback<Table>): void;
  getItemDb(table: string): SubStore;
  getIndexDb(type: "Local" | "Global", table: string, index: string): SubStore;
  /** Ours: applies changes of global indexes, later. */
  propagate(changes: readonly IndexChange[]): void;
}

/** One entry of one index to write (`item`) or to remove. */
export interface IndexChange {
  readonly table: string;
  readonly index: string;
  readonly key: string;
  readonly item: Item | undefined;
}

interface IndexActions {
  readonly puts: readonly { readonly index: string; readonly key: string; readonly item: Item }[];
  readonly deletes: readonly { readonly index: string; readonly key: string }[];
}

interface Db {
  create(options: object): Omit<Store, "propagate"> & { readonly db: { close(callback: Callback): void } };
  createKey(item: Item, table: Table): string;
  getIndexActions(
    indexes: readonly unknown[],
    before: Item | undefined,
    after: Item | undefined,
    table: Table,
  ): IndexActions;
  updateIndexes(
    store: Store,
    table: Table,
    before: Item | undefined,
    after: Item | undefined,
    callback: Callback,
  ): void;
  checkConditional(data: Item, existing: Item | undefined): DynaliteError | null | undefined;
}

interface Validation {
  readonly types: Record<string, unknown>;
  readonly custom?: (data: Item, store: Store) => string | undefined;
}

export const db: Db = require("dynalite/db");
const validations: {
  checkTypes(data: Item, types: Record<string, unknown>): Item;
  checkValidations(
    data: Item,
    types: Record<string, unknown>,
    custom: Validation["custom"],
    store: Store,
  ): void;
} = require("dynalite/validations");

export const operations = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
] as const;
export type Operation = (typeof operations)[number];

type Action = (store: Store, data: Item, callback: Callback<Item>) => void;
const fileOf = (operation: Operation): string => operation.charAt(0).toLowerCase() + operation.slice(1);
const actions = new Map<Operation, Action>(
  operations.map((o) => [o, require(`dynalite/actions/${fileOf(o)}`)]),
);
const rules = new Map<Operation, Validation>(
  operations.map((o) => [o, require(`dynalite/validations/${fileOf(o)}`)]),
);

/** Checks and completes a request as DynamoDB does before it looks at any data. Throws {@link DynaliteError}. */
export function prepare(operation: Operation, input: Item, store: Store): Item {
  const rule = rules.get(operation);
  if (!rule) throw new Error(`no rules for ${operation}`);
  const data = validations.checkTypes(input, rule.types);
  validations.checkValidations(data, rule.types, rule.custom, store);
  return data;
}

/** Runs a prepared request. Rejects with {@link DynaliteError}. */
export function perform(operation: Operation, data: Item, store: Store): Promise<Item> {
  return promised((callback) => actions.get(operation)?.(store, data, callback));
}

export function promised<T>(run: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

// --- changes ---------------------------------------------------------------------------------------------------

// A failed condition can return the item it failed on, in single writes and in transactions.
for (const operation of ["PutItem", "UpdateItem", "DeleteItem"] as const) {
  const rule = rules.get(operation);
  if (rule) rule.types.ReturnValuesOnConditionCheckFailure = { type: "String", enum: ["ALL_OLD", "NONE"] };
}
const checkConditional = db.checkConditional;
db.checkConditional = (data, existing) => {
  const error = checkConditional(data, existing);
  if (error?.body && data.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && existing)
    error.body.Item = existing;
  return error;
};

// Local indexes are written with the item; global ones follow later, as on AWS.
db.updateIndexes = (store, table, before, after, callback) => {
  if (!before && !after) return callback(null);
  const changes = (indexes: readonly unknown[] | undefined): IndexChange[] => {
    const { puts, deletes } = db.getIndexActions(indexes ?? [], before, after, table);
    const at = { table: table.TableName, item: undefined };
    return [...deletes.map((d) => ({ ...at, ...d })), ...puts.map((p) => ({ ...at, ...p }))];
  };
  store.propagate(changes(table.GlobalSecondaryIndexes));
  writeIndexes(store, "Local", changes(table.LocalSecondaryIndexes)).then(
    () => callback(null),
    (error: DynaliteError) => callback(error),
  );
};

/** Applies index changes in order. */
export async function writeIndexes(
  store: Store,
  type: "Local" | "Global",
  changes: readonly IndexChange[],
): Promise<void> {
  for (const { table, index, key, item } of changes) {
    const sub = store.getIndexDb(type, table, index);
    await promised((done) => (item ? sub.put(key, item, done) : sub.del(key, done)));
  }
}
