import pg from "pg";
import { onTestFinished } from "vitest";
import { until } from "./client.ts";

/** A session of the test's own, closed with the test. */
export async function connect(url: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  onTestFinished(() => db.end());
  return db;
}

/** Waits until a session of the server waits for a lock that the test holds. */
export const somebodyWaits = (db: pg.Client) =>
  until(
    async () => (await db.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount,
    (waiting) => waiting !== 0,
  );
