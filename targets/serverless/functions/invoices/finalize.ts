import type { Handler } from "../../lib/http.ts";
import { randomText } from "../../lib/ids.ts";
import { etagOf } from "../../lib/precondition.ts";
import { conflict } from "../../lib/problem.ts";
import { commit, untilUncontended } from "../../lib/table.ts";
import { startExecution } from "../../workflow/start.ts";
import { advance, changed } from "./model.ts";
import { loadInvoice } from "./store.ts";

/**
 * Starts an execution for this very revision of the invoice, then hands the invoice over to it. Whoever loses a race
 * has started an execution too, which finds the revision gone and ends.
 */
export const finalizeInvoice: Handler = (call, keep) =>
  untilUncontended(async () => {
    const found = await loadInvoice(call.accountId, call.path("invoiceId"));
    const { id, status } = found.doc;
    if (status !== "draft" && status !== "failed") throw conflict(`The invoice is ${status}.`);
    const execution = `${id}-${found.revision}-${randomText(12)}`;
    await startExecution({
      kind: "finalize",
      accountId: call.accountId,
      group: id,
      revision: found.revision,
      execution,
    });
    const changes = { status: "finalizing", failureReason: undefined } as const;
    const after = changed(found, changes, call.now, { execution });
    const headers = { etag: etagOf(after.version), location: `/invoices/${id}`, "retry-after": "1" };
    const reply = { status: 202, headers, body: after.doc };
    return (await commit([advance(found, after), ...keep(reply)])) ? undefined : reply;
  });
