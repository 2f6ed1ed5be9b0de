import type { Answer, Api, Case, Wanted } from "../../case.ts";
import { type Invoice, withKey } from "../../lib/billing.ts";
import { notBefore } from "../../lib/match.ts";

/** Half a cent that has to be rounded, to even. */
export const WORK = { description: "On-site support", quantity: "2.500", unitPrice: "10.01" };

export async function readAll(api: Api): Promise<readonly Invoice[]> {
  return (await api.listInvoices(200, { query: { limit: 100 } })).body.items;
}

export async function read(api: Api, invoiceId: string): Promise<unknown> {
  const reply = await api.getInvoice(200, { path: { invoiceId } });
  return { etag: reply.headers.etag, body: reply.body };
}

/** A reply that shows an invoice, its ETag included, is what a read shows. */
export async function readBack(c: Case, api: Api, reply: Answer): Promise<void> {
  const read = await api.getInvoice(200, { path: { invoiceId: (reply.body as Invoice).id } });
  c.body(read, reply.body);
  c.header(read, "etag", reply.headers.etag);
}

/** An invoice later: these members differ, and `updatedAt` has not gone back. */
export function later(invoice: Invoice, changes: object): Readonly<Record<string, unknown>> {
  return { ...invoice, ...changes, updatedAt: notBefore(invoice.updatedAt) };
}

export function lineTo(
  c: Case,
  api: Api,
  invoiceId: string,
  wanted: Wanted,
  body: object = WORK,
): Promise<Answer> {
  const headers = { ...withKey(c), "If-Match": "*" };
  return api.send(wanted, "addInvoiceLine", { path: { invoiceId }, headers, body });
}

export type Priced = readonly { readonly amount: number; readonly taxAmount: number }[];
