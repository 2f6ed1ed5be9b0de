import { readdir, readFile } from "node:fs/promises";
import pg from "pg";

const folder = new URL("migrations/", import.meta.url);
/** Any constant: it keeps two starting processes from migrating at once. */
const migrationLock = 4_210_842;

/**
 * Brings the schema up to date: every `NNNN_name.sql` not yet in `schema_migrations` runs, in order, each in
 * a transaction of its own together with its entry.
 *
 * @returns names of the files that ran now
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz(3) NOT NULL DEFAULT now())",
    );
    const applied = await client.query<{ name: string }>("SELECT name FROM schema_migrations");
    const done = new Set(applied.rows.map((row) => row.name));
    const due = (await readdir(folder)).filter((name) => name.endsWith(".sql") && !done.has(name)).sort();
    for (const name of due) {
      await client.query("BEGIN");
      await client.query(await readFile(new URL(name, folder), "utf8"));
      await client.query("INSERT INTO schema_migrations (name) VALUES ($1)", [name]);
      await client.query("COMMIT");
    }
    return due;
  } finally {
    await client.end(); // gives up the lock and whatever transaction failed
  }
}
