import type { Handler } from "../../lib/http.ts";
import { randomText } from "../../lib/ids.ts";
import { etagOf } from "../../lib/precondition.ts";
import { conflict } from "../../lib/problem.ts";
import { commit, untilUncontended } from "../../lib/table.ts";
import { releaseVoid } from "../../workflow/claims.ts";
import { listenersOf, stage } from "../../workflow/outbox.ts";
import { startExecution } from "../../workflow/start.ts";
import { advance, changed, type InvoiceItem } from "./model.ts";
import { loadInvoice } from "./store.ts";

/**
 * What the invoice had claimed is free before the reply goes out. The execution started before does the same, in
 * case this function does not live to do it, and delivers the event.
 */
export const voidInvoice: Handler = async (call) => {
  const after = await untilUncontended(async () => {
    const [found, listeners] = await Promise.all([
      loadInvoice(call.accountId, call.path("invoiceId")),
      listenersOf(call.accountId, ["invoice.voided"]),
    ]);
    requireVoidable(found);
    const after = changed(found, { status: "void", failureReason: undefined }, call.now);
    const { pk: accountId, sk: group } = found;
    const staged = stage(listeners, {
      accountId,
      group,
      sequence: after.revision,
      at: call.now,
      events: [{ type: "invoice.voided", resourceId: group, data: after.doc }],
    });
    if (found.mayClaim || staged.notifies) {
      const execution = `${group}-${found.revision}-${randomText(12)}`;
      await startExecution({ kind: "void", accountId, group, revision: found.revision, execution });
    }
    return (await commit([advance(found, after), ...staged.writes])) ? undefined : after;
  });
  await releaseVoid(after);
  return { status: 200, headers: { etag: etagOf(after.version) }, body: after.doc };
};

function requireVoidable({ doc: { status, amountPaid } }: InvoiceItem): void {
  if (status !== "draft" && status !== "open" && status !== "failed")
    throw conflict(`The invoice is ${status}.`);
  if (amountPaid > 0) throw conflict("A part of the invoice has been paid.");
}
