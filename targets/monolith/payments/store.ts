import type { Queryable } from "../db/database.ts";
import { notFound } from "../http/problem.ts";
import type { PaymentRow } from "./payment.ts";

/** The payment a path names. @throws Problem 404 */
export async function findPayment(
  db: Queryable,
  accountId: string,
  id: string | undefined,
): Promise<PaymentRow> {
  const row = await db.row<PaymentRow>("SELECT * FROM payments WHERE account_id = $1 AND id = $2", [
    accountId,
    id,
  ]);
  if (row === undefined) throw notFound();
  return row;
}
