import { withHeader } from "../../../proxy/exchange.ts";
import { cutOff, reprice } from "../../../proxy/pricing.ts";
import {
  answering,
  bodyOf,
  type Call,
  type Defective,
  eachObject,
  type Handlers,
  type Json,
  problem,
  rewriting,
  succeeded,
} from "../call.ts";
import { relisting } from "../lists.ts";

const isInvoice = (object: Json): boolean => object.lines !== undefined && object.amountDue !== undefined;

/** The same change wherever an invoice is shown. */
const shown = (change: (invoice: Json) => Json): Handlers => {
  const show = eachObject((object) => (isInvoice(object) ? change(object) : undefined));
  return { "*": show };
};

const invoiceUrl = ({ path }: Call): string => `/invoices/${path.invoiceId}`;

/** The end of a period as a calendar gives it that does not know how long a month is. */
function runOver({ periodStart, periodEnd }: Json): string {
  const [start, end] = [new Date(periodStart), new Date(periodEnd)];
  const months =
    12 * (end.getUTCFullYear() - start.getUTCFullYear()) + end.getUTCMonth() - start.getUTCMonth();
  const over = new Date(start);
  over.setUTCMonth(start.getUTCMonth() + months);
  return start.getUTCDate() > end.getUTCDate() ? over.toISOString() : periodEnd;
}

async function eventsClaimedBy(call: Call): Promise<readonly string[]> {
  const { subscriptionId } = bodyOf(await call.ask("GET", invoiceUrl(call))) ?? {};
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const url = `/usage/events?limit=100&subscriptionId=${subscriptionId}${cursor}`;
    const page = bodyOf(await call.ask("GET", url));
    for (const { id, invoiceId } of page?.items ?? []) if (invoiceId === call.path.invoiceId) ids.push(id);
    if (page?.nextCursor === undefined) return ids;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

export const invoices = {
  B44: () => shown((invoice) => ({ ...invoice, periodEnd: runOver(invoice) })),
  B45: () => {
    /** Account and key → the operation that it was used for. */
    const used = new Map<string, string>();
    const once = async (call: Call) => {
      const name = `${call.account} ${call.sent.headers["idempotency-key"]}`;
      const first = used.get(name);
      if (first !== undefined && first !== call.operation) {
        // Without a key nothing happens, and what is judged before the key is judged: 401 to 400.
        const judged = await call.forward(withHeader(call.sent, "idempotency-key", undefined));
        const malformed = call.sent.body.length > 0 && call.body === undefined;
        if (judged.status !== 400 || malformed) return judged;
        const detail = "This Idempotency-Key was used for another request.";
        return problem(422, "idempotency-key-reused", "Idempotency key reused", detail);
      }
      const received = await call.forward();
      if (succeeded(received)) used.set(name, call.operation);
      return received;
    };
    return {
      draftInvoice: once,
      addInvoiceLine: once,
      finalizeInvoice: once,
      createSubscription: once,
      createPayment: once,
      refundPayment: once,
    };
  },
  B46: () => ({
    draftInvoice: rewriting(({ memo, ...rest }) =>
      typeof memo === "string" && memo.normalize("NFC") !== memo
        ? { ...rest, memo: memo.normalize("NFC") }
        : undefined,
    ),
  }),
  B47: () =>
    shown((invoice) => {
      const priced = reprice(invoice, cutOff);
      return { ...priced, amountDue: Math.max(0, priced.total - invoice.amountPaid) };
    }),
  B48: () => shown((invoice) => ({ ...invoice, lines: invoice.lines.toReversed() })),
  B49: () => shown((invoice) => ({ ...invoice, ...(invoice.number && { number: 2 * invoice.number }) })),
  B50: () =>
    shown((invoice) => ({
      ...invoice,
      ...(invoice.number && { number: Math.max(1, invoice.number - 1) }),
    })),
  B51: () => {
    /** Usage event → the void invoice that still has it. */
    const held = new Map<string, string>();
    const orphaned = eachObject((object) =>
      held.has(object.id) && object.invoiceId === undefined
        ? { ...object, invoiceId: held.get(object.id) }
        : undefined,
    );
    return {
      voidInvoice: async (call) => {
        const events = await eventsClaimedBy(call);
        const received = await call.forward();
        if (succeeded(received)) for (const id of events) held.set(id, call.path.invoiceId ?? "");
        return received;
      },
      getUsageEvent: orphaned,
      listUsageEvents: orphaned,
      recordUsage: orphaned,
      recordUsageBatch: orphaned,
    };
  },
  B52: () => {
    const open = eachObject((object) =>
      isInvoice(object) && object.status === "paid" ? { ...object, status: "open" } : undefined,
    );
    return { getInvoice: open, listInvoices: open };
  },
  B53: () => {
    /** Invoice → the status that the index still has. */
    const indexed = new Map<string, string>();
    const stale = relisting(
      (all, { query }) => all.filter(({ id, status }) => (indexed.get(id) ?? status) === query.get("status")),
      ["status"],
    );
    return {
      voidInvoice: async (call) => {
        const before = bodyOf(await call.ask("GET", invoiceUrl(call)));
        const received = await call.forward();
        if (succeeded(received)) indexed.set(before.id, before.status);
        return received;
      },
      listInvoices: (call) => (call.query.has("status") ? stale(call) : call.forward()),
    };
  },
  B54: () => {
    /** Account → its newest invoice. */
    const newest = new Map<string, Json>();
    return {
      "*": async (call) => {
        const received = await call.forward();
        if (call.operation === "draftInvoice" && succeeded(received))
          newest.set(call.account, bodyOf(received));
        return received;
      },
      listInvoices: answering((page, { account, query }) => {
        const foreign = [...newest].findLast(([owner]) => owner !== account)?.[1];
        const leaks = foreign !== undefined && page.nextCursor === undefined;
        const whole = !query.has("status") && !query.has("subscriptionId");
        return leaks && whole ? { ...page, items: [...page.items.slice(0, 99), foreign] } : page;
      }),
    };
  },
  B55: () => {
    const taken = new Set<string>();
    return {
      finalizeInvoice: async (call) => {
        const name = `${call.account} ${call.path.invoiceId} ${call.sent.headers["idempotency-key"]}`;
        const before = bodyOf(await call.ask("GET", invoiceUrl(call)));
        const good = /^[\x21-\x7e]{1,128}$/.test(String(call.sent.headers["idempotency-key"] ?? ""));
        if (before?.status === "failed" && good && !taken.has(name)) {
          return problem(409, "conflict", "Conflict", "The invoice has failed.");
        }
        const received = await call.forward();
        if (succeeded(received)) taken.add(name);
        return received;
      },
    };
  },
} satisfies Record<string, Defective>;
