import type { Case } from "../../case.ts";
import { draft, FLAT, finalize, METERED, pay, refund, subscribe } from "../../lib/billing.ts";
import { anId, justNow, notBefore } from "../../lib/match.ts";
import { checkArrival, type Inbox, openInbox, type WebhookEvent } from "../../lib/receiver.ts";
import { PATIENCE_MS, resources } from "./delivery.ts";
import { create, deliveries, EVERY, type EventType, payer } from "./webhook.ts";

/** Every event, told to those who listen when it happens, with the resource as its GET shows it. */
export async function everyEvent(c: Case): Promise<void> {
  const { api } = await c.tenant({ taxRateBasisPoints: 0 });
  const [flat, used] = await c.all([FLAT, METERED], (plan) => subscribe(c, api, plan));
  if (!flat || !used) return;
  const inbox = await openInbox(c);
  const paidInbox = await openInbox(c);
  const all = await create(api, { url: inbox.url, events: EVERY });
  const paidOnly = await create(api, { url: paidInbox.url, events: ["invoice.paid"] });
  const silent = await create(api, { url: inbox.url, events: EVERY, enabled: false });
  const elsewhere = await c.tenant();
  const stranger = await create(elsewhere.api, { url: inbox.url, events: EVERY });
  const wanted: [type: EventType, data: unknown][] = [];
  const invoice = async (invoiceId: string) => (await api.getInvoice(200, { path: { invoiceId } })).body;
  const path = { subscriptionId: used.subscription.id };
  const canceled = await api.cancelSubscription(200, { path, body: { mode: "now" } });
  wanted.push(["subscription.canceled", canceled.body]);
  const running = { subscriptionId: flat.subscription.id };
  await api.cancelSubscription(200, { path: running, body: { mode: "period_end" } });

  const nothing = await finalize(c, api, (await draft(c, api, path.subscriptionId)).body.id);
  wanted.push(["invoice.failed", nothing.body]);
  const voided = await api.voidInvoice(200, { path: { invoiceId: nothing.body.id } });
  wanted.push(["invoice.voided", voided.body]);

  const { body: opened } = await finalize(c, api, (await draft(c, api, flat.subscription.id)).body.id);
  wanted.push(["invoice.finalized", opened]);
  wanted.push(["payment.failed", (await pay(c, api, opened.id, 900, "tok_declined")).body]);
  wanted.push(["payment.succeeded", (await pay(c, api, opened.id, 900)).body]);
  const last = (await pay(c, api, opened.id, 4000)).body;
  wanted.push(["payment.succeeded", last], ["invoice.paid", await invoice(opened.id)]);
  await refund(c, api, last.id, 1);
  const refunded = await api.getPayment(200, { path: { paymentId: last.id } });
  wanted.push(["payment.refunded", refunded.body]);

  const free = await subscribe(c, api, { ...FLAT, pricing: { model: "flat", amount: 0 } });
  const { body: paid } = await finalize(c, api, (await draft(c, api, free.subscription.id)).body.id);
  wanted.push(["invoice.finalized", { ...paid, status: "open", updatedAt: notBefore(paid.createdAt) }]);
  wanted.push(["invoice.paid", paid]);

  // Too late for all of it.
  const late = await create(api, { url: inbox.url, events: EVERY });
  await c.until(
    "every event to arrive",
    async () => {
      const come = inbox.events().length >= wanted.length && paidInbox.events().length >= 2;
      return come ? true : undefined;
    },
    PATIENCE_MS,
  );
  for (const one of [silent, late]) c.equal("deliveries", await deliveries(api, one.webhook.id), []);
  c.equal("deliveries", await deliveries(elsewhere.api, stranger.webhook.id), []);
  const body = ([type, data]: (typeof wanted)[number]) => ({
    id: anId("evt"),
    type,
    createdAt: justNow(),
    data,
  });
  // In order for one invoice, and in none for the rest.
  const related = (events: readonly WebhookEvent[], id: string) =>
    events.filter(({ data }) => data.id === id || data.invoiceId === id);
  const wantedOf = (id: string) =>
    wanted.filter(([, data]) => {
      const { id: own, invoiceId } = data as { id: string; invoiceId?: string };
      return own === id || invoiceId === id;
    });
  for (const id of [canceled.body.id, nothing.body.id, opened.id, paid.id])
    c.equal("events", related(inbox.events(), id), wantedOf(id).map(body));
  const toldPaid = [opened.id, paid.id].flatMap((id) => related(paidInbox.events(), id));
  const isPaid = ([type]: (typeof wanted)[number]) => type === "invoice.paid";
  c.equal("events", toldPaid, wanted.filter(isPaid).map(body));
  c.equal("events in all", [inbox.events().length, paidInbox.events().length], [wanted.length, 2]);
  for (const arrival of inbox.arrivals) checkArrival(c, arrival, all.secret);
  for (const arrival of paidInbox.arrivals) {
    checkArrival(c, arrival, paidOnly.secret);
    c.equal("bytes for every webhook", arrival.text, inbox.of(arrival.event.id)[0]?.text);
  }
}

/** A pending delivery goes on, where the webhook points to by then; a new event heeds what the webhook is now. */
export async function deliversAsChanged(c: Case): Promise<void> {
  const { api, open } = await payer(c);
  const [old, now] = [await openInbox(c, () => 503), await openInbox(c)];
  const invoice = await open();
  const made = await create(api, { url: old.url, events: ["payment.failed"] });
  const path = { webhookId: made.webhook.id };
  const headers = { "If-Match": "*" };
  const decline = async () => (await pay(c, api, invoice.id, 1, "tok_declined")).body.id;
  const first = await decline();
  const arrived = (what: string, inbox: Inbox, count: number) =>
    c.until(what, async () => (inbox.arrivals.length >= count ? true : undefined), PATIENCE_MS);
  await arrived("the first attempt", old, 1);
  await api.updateWebhook(200, { path, headers, body: { url: now.url, enabled: false } });
  const changedAt = Date.now();
  await decline();
  await arrived("an attempt at the new URL", now, 1);
  c.equal("attempts at the old URL, later", old.arrivals.filter(({ at }) => at > changedAt).length, 0);
  c.equal("the bytes of all attempts", now.arrivals[0]?.text, old.arrivals[0]?.text);
  await api.updateWebhook(200, { path, headers, body: { enabled: true, events: ["payment.succeeded"] } });
  await decline();
  await api.updateWebhook(200, { path, headers, body: { events: ["payment.failed", "invoice.paid"] } });
  const last = await decline();
  await arrived("the next event", now, 2);
  c.equal("what was delivered", resources(await deliveries(api, path.webhookId)), [last, first]);
  for (const arrival of [...old.arrivals, ...now.arrivals]) checkArrival(c, arrival, made.secret);
}
