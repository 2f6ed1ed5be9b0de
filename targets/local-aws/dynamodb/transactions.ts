import { createHash } from "node:crypto";
import { AwsError } from "../errors.ts";
import {
  type DynaliteError,
  db,
  type Item,
  type Operation,
  perform,
  prepare,
  promised,
  type Store,
  type SubStore,
  type Table,
} from "./dynalite.ts";
import type { SharedLock } from "./lock.ts";

const MAX_ACTIONS = 100;
/** How long a client's token makes a repetition harmless. */
const TOKEN_MS = 10 * 60_000;

interface Action {
  readonly operation: Operation;
  /** A condition check is a delete that is never carried out. */
  readonly checkOnly: boolean;
  readonly data: Item & { readonly TableName: string };
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

/** TransactWriteItems and TransactGetItems, one at a time and with no other operation running. */
export class Transactions {
  readonly #store: Store;
  readonly #lock: SharedLock;
  readonly #tokens = new Map<string, { readonly digest: string; readonly expiresAt: number }>();

  constructor(store: Store, lock: SharedLock) {
    this.#store = store;
    this.#lock = lock;
  }

  write(input: Item): Promise<Item> {
    return this.#lock.run("exclusive", async () => {
      const token = input.ClientRequestToken === undefined ? undefined : String(input.ClientRequestToken);
      if (token !== undefined && this.#isRepetition(token, input)) return {};
      const actions = readActions(input, this.#store);
      await rejectDuplicates(actions, this.#store);
      const capacity = await this.#commit(actions);
      if (token !== undefined)
        this.#tokens.set(token, { digest: digestOf(input), expiresAt: Date.now() + TOKEN_MS });
      return consumed(input, capacity);
    });
  }

  /** All items as they were at one moment. */
  get(input: Item): Promise<Item> {
    return this.#lock.run("exclusive", async () => {
      const gets = readList(input).map((entry) => {
        const get = entry.Get as Item | undefined;
        if (!get) throw invalid("TransactItems can only contain Get");
        return prepare("GetItem", { ...get, ReturnConsumedCapacity: "TOTAL" }, this.#store);
      });
      const results = await Promise.all(gets.map((data) => perform("GetItem", data, this.#store)));
      return {
        Responses: results.map((result) => (result.Item ? { Item: result.Item } : {})),
        ...consumed(input, results),
      };
    });
  }

  /** Runs every action on a copy that only remembers its writes; they are carried out when none has failed. */
  async #commit(actions: readonly Action[]): Promise<Item[]> {
    const staged: (() => Promise<unknown>)[] = [];
    const capacity: Item[] = [];
    const reasons: Reason[] = [];
    for (const { operation, checkOnly, data } of actions) {
      const writes: (() => Promise<unknown>)[] = [];
      try {
        capacity.push(await perform(operation, data, stagingStore(this.#store, writes)));
        if (!checkOnly) staged.push(...writes);
        reasons.push({ Code: "None" });
      } catch (error) {
        reasons.push(reasonOf(error as DynaliteError));
      }
    }
    if (reasons.some((reason) => reason.Code !== "None")) throw cancelled(reasons);
    for (const write of staged) await write();
    return capacity;
  }

  #isRepetition(token: string, input: Item): boolean {
    for (const [known, { expiresAt }] of this.#tokens) {
      // Entries are in the order of their expiry.
      if (expiresAt > Date.now()) break;
      this.#tokens.delete(known);
    }
    const before = this.#tokens.get(token);
    if (before && before.digest !== digestOf(input))
      throw new AwsError(
        "IdempotentParameterMismatchException",
        "Request with the same ClientRequestToken differs",
      );
    return before !== undefined;
  }
}

function readList(input: Item): readonly Item[] {
  const list = input.TransactItems;
  if (!Array.isArray(list) || list.length < 1 || list.length > MAX_ACTIONS)
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${MAX_ACTIONS}`,
    );
  return list as Item[];
}

function readActions(input: Item, store: Store): Action[] {
  return readList(input).map((entry) => {
    const [kind, ...more] = Object.keys(entry);
    const operation = operationOf[kind ?? ""];
    if (!operation || more.length > 0)
      throw invalid("TransactItems can only contain one of Check, Put, Update or Delete");
    const request = entry[kind ?? ""] as Item;
    const checkOnly = kind === "ConditionCheck";
    if (checkOnly && request.ConditionExpression === undefined)
      throw invalid("The ConditionExpression of a ConditionCheck must be given");
    const data = prepare(operation, { ...request, ReturnConsumedCapacity: "TOTAL" }, store) as Action["data"];
    return { operation, checkOnly, data };
  });
}

const operationOf: Readonly<Record<string, Operation>> = {
  ConditionCheck: "DeleteItem",
  Delete: "DeleteItem",
  Put: "PutItem",
  Update: "UpdateItem",
};

async function rejectDuplicates(actions: readonly Action[], store: Store): Promise<void> {
  const seen = new Set<string>();
  for (const { data } of actions) {
    const table = await promised<Table>((done) => store.getTable(data.TableName, done));
    const item = (data.Key ?? data.Item) as Item;
    // A key of the wrong shape is reported as that action's own reason.
    if (table.KeySchema.some((key) => item[key.AttributeName] === undefined)) continue;
    const key = `${data.TableName}/${db.createKey(item, table)}`;
    if (seen.has(key)) throw invalid("Transaction request cannot include multiple operations on one item");
    seen.add(key);
  }
}

/** A store that reads through and keeps its writes in `writes`. */
function stagingStore(store: Store, writes: (() => Promise<unknown>)[]): Store {
  const staging = (sub: SubStore): SubStore => ({
    // The transaction has the whole store to itself.
    lock: (_key, run) => run((callback) => callback),
    get: (key, callback) => sub.get(key, callback),
    put: (key, item, callback) => {
      writes.push(() => promised((done) => sub.put(key, item, done)));
      callback(null);
    },
    del: (key, callback) => {
      writes.push(() => promised((done) => sub.del(key, done)));
      callback(null);
    },
  });
  return {
    ...store,
    getItemDb: (table) => staging(store.getItemDb(table)),
    getIndexDb: (type, table, index) => staging(store.getIndexDb(type, table, index)),
    propagate: (changes) => writes.push(async () => store.propagate(changes)),
  };
}

function reasonOf(error: DynaliteError): Reason {
  const type = error.body?.__type.split("#")[1] ?? "";
  const message = String(error.body?.message ?? error.message);
  if (type === "ConditionalCheckFailedException")
    return {
      Code: "ConditionalCheckFailed",
      Message: message,
      ...(error.body?.Item !== undefined && { Item: error.body.Item }),
    };
  if (type === "ValidationException") return { Code: "ValidationError", Message: message };
  throw error;
}

function cancelled(reasons: readonly Reason[]): AwsError {
  const codes = reasons.map((reason) => reason.Code).join(", ");
  return new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}

/** A transaction costs twice what its operations would. */
function consumed(input: Item, results: readonly Item[]): Item {
  if (input.ReturnConsumedCapacity === undefined || input.ReturnConsumedCapacity === "NONE") return {};
  const units = new Map<string, number>();
  for (const result of results) {
    const used = result.ConsumedCapacity as { TableName: string; CapacityUnits: number };
    units.set(used.TableName, (units.get(used.TableName) ?? 0) + 2 * used.CapacityUnits);
  }
  return { ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })) };
}

const digestOf = (input: Item): string =>
  createHash("sha256").update(JSON.stringify(input.TransactItems)).digest("base64");

const invalid = (message: string): AwsError => new AwsError("ValidationException", message);
