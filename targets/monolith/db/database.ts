import pg from "pg";

/** Anything SQL can be sent to: the pool (each statement by itself) or one open transaction. */
export interface Queryable {
  /** All rows of the answer. */
  rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row of the answer, if there is one. */
  row<Row>(text: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** How many rows the statement changed. */
  run(text: string, values?: readonly unknown[]): Promise<number>;
}

/** The database of the monolith. */
export interface Database extends Queryable {
  /** Runs `work` in one transaction (READ COMMITTED), committed when it resolves and rolled back when it rejects. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Opens every connection of the pool, so that no request pays for one. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

const int8 = 20;
// Every bigint column is bounded to 2^53-1 by a CHECK, so a number holds it exactly.
const parsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * Opens a pool of at most `connections` connections; nothing is connected until the first statement. Statements that are
 * sent without waiting for each other travel together and still run one after the other.
 */
export function openDatabase(url: string, connections = 10): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    types: parsers,
    pipeline: true,
    idleTimeoutMillis: 0,
    options: "-c timezone=UTC",
  });
  // An idle connection that breaks is replaced by the pool; the statement that needs one reports its own failure.
  pool.on("error", (error) => console.error(JSON.stringify({ level: "warn", message: error.message })));
  return {
    ...queryable(pool),
    transaction: (work) => inTransaction(pool, work),
    async warm() {
      const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
      for (const client of clients) client.release();
    },
    ping: async () => void (await pool.query("SELECT 1")),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Not waited for: it travels with the first statement.
    const begun = client.query("BEGIN");
    begun.catch(() => undefined); // without a connection the first statement fails too
    const result = await work(queryable(client));
    await begun;
    const { command } = await client.query("COMMIT");
    // What PostgreSQL answers to COMMIT when a statement has failed and nobody looked.
    if (command !== "COMMIT") throw new Error(`COMMIT answered ${command}`);
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

function queryable(target: pg.Pool | pg.PoolClient): Queryable {
  const send = (text: string, values: readonly unknown[] = []) =>
    target.query({ name: nameOf(text), text, values: values as unknown[] });
  return {
    rows: async <Row>(text: string, values?: readonly unknown[]) => (await send(text, values)).rows as Row[],
    row: async <Row>(text: string, values?: readonly unknown[]) =>
      (await send(text, values)).rows[0] as Row | undefined,
    run: async (text, values) => (await send(text, values)).rowCount ?? 0,
  };
}

const names = new Map<string, string>();

/** Every statement is a prepared one; texts are few because values are always parameters. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
