import { AwsError } from "../errors.ts";
import type { TableModel } from "../template/model.ts";
import {
  db,
  type IndexChange,
  type Item,
  type Operation,
  operations,
  perform,
  prepare,
  promised,
  type Store,
  writeIndexes,
} from "./dynalite.ts";
import { SharedLock } from "./lock.ts";
import { TimeToLive } from "./time-to-live.ts";
import { Transactions } from "./transactions.ts";

export interface EngineOptions {
  readonly tables: readonly TableModel[];
  /** How long after a write a global index shows it, in ms. On AWS it varies, mostly below a second. */
  readonly globalIndexDelayMs: number;
  /** How often expired items are removed, in ms. AWS takes up to days. */
  readonly ttlSweepMs: number;
}

/** DynamoDB in memory: dynalite's engine with transactions, expiry, and global indexes that lag. */
export class Engine {
  readonly ttl: TimeToLive;
  readonly #store: Store;
  readonly #lock = new SharedLock();
  readonly #transactions: Transactions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #closeDb: () => Promise<unknown>;
  #propagated: Promise<void> = Promise.resolve();

  private constructor(options: EngineOptions) {
    const base = db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    this.#closeDb = () => promised((done) => base.db.close(done));
    this.#store = { ...base, propagate: (changes) => this.#later(changes, options.globalIndexDelayMs) };
    this.#transactions = new Transactions(this.#store, this.#lock);
    this.ttl = new TimeToLive((operation, input) => this.execute(operation, input), options.ttlSweepMs);
  }

  static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    for (const table of options.tables) await engine.#create(table);
    return engine;
  }

  /** Answers one operation of the API. Rejects with a dynalite error or an `AwsError`. */
  execute(operation: string, input: Item): Promise<Item> {
    switch (operation) {
      case "TransactWriteItems":
        return this.#transactions.write(input);
      case "TransactGetItems":
        return this.#transactions.get(input);
      case "UpdateTimeToLive":
        return this.ttl.update(input);
      case "DescribeTimeToLive":
        return this.ttl.describe(input);
      default:
        if (!isOperation(operation))
          return Promise.reject(new AwsError("UnknownOperationException", `${operation} is not emulated`));
        return this.#lock.run("shared", async () => {
          const data = prepare(operation, input, this.#store);
          return perform(operation, data, this.#store);
        });
    }
  }

  async close(): Promise<void> {
    this.ttl.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#propagated;
    // After what is under way: whoever asked may be gone, but half of an operation would fail loudly.
    await this.#lock.run("exclusive", this.#closeDb);
  }

  /** Each write's index changes are applied after the delay, in the order of the writes. */
  #later(changes: readonly IndexChange[], delayMs: number): void {
    if (changes.length === 0) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#propagated = this.#propagated.then(() => writeIndexes(this.#store, "Global", changes));
    }, delayMs);
    this.#timers.add(timer);
  }

  async #create(table: TableModel): Promise<void> {
    await this.execute("CreateTable", {
      TableName: table.name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: table.attributes,
      KeySchema: table.keySchema,
      ...(table.localIndexes.length > 0 && { LocalSecondaryIndexes: table.localIndexes }),
      ...(table.globalIndexes.length > 0 && { GlobalSecondaryIndexes: table.globalIndexes }),
    });
    if (table.ttlAttribute !== undefined)
      await this.ttl.update({
        TableName: table.name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: table.ttlAttribute },
      });
    // Dynalite makes a table active in a timer, even with no delay.
    for (;;) {
      const { Table } = (await this.execute("DescribeTable", { TableName: table.name })) as {
        Table: { TableStatus: string };
      };
      if (Table.TableStatus === "ACTIVE") return;
      await new Promise(setImmediate);
    }
  }
}

const isOperation = (name: string): name is Operation => (operations as readonly string[]).includes(name);
