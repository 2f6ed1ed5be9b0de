import type { Queryable } from "./database.ts";

/** The row that a statement must answer, such as INSERT ... RETURNING. @throws Error when there is none */
export async function one<Row>(db: Queryable, text: string, values: readonly unknown[]): Promise<Row> {
  const row = await db.row<Row>(text, values);
  if (row === undefined) throw new Error(`no row: ${text}`);
  return row;
}
