import { randomBytes } from "node:crypto";
import type { Queryable } from "./database.ts";

/** The secret of that name, made on first use; every process of the deployment gets the same one. */
export async function deploymentSecret(db: Queryable, name: string): Promise<Buffer> {
  await db.run("INSERT INTO deployment_secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    name,
    randomBytes(32),
  ]);
  const row = await db.row<{ value: Buffer }>("SELECT value FROM deployment_secrets WHERE name = $1", [name]);
  if (row === undefined) throw new Error(`no deployment secret ${name}`);
  return row.value;
}
