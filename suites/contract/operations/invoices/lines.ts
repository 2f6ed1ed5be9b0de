import type { Api, Case } from "../../case.ts";
import { addLine, draft, due, type Invoice, lineOf, STARTED, withKey } from "../../lib/billing.ts";
import { later, lineTo, readBack, WORK } from "./invoice.ts";

/** Lines one after the other, each with the ETag of the one before, which is stale from then on. */
export async function lineByLine(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const drafted = await draft(c, api, subscriptionId, { periodStart: STARTED });
  let [before, etag]: [Invoice, string | undefined] = [drafted.body, drafted.headers.etag];
  const bodies = [
    { description: " Ää\u0301 😀\n", quantity: "1.000000", unitPrice: "0.10" },
    { description: "😀".repeat(200), quantity: "0", unitPrice: "999999999999999999.999999" },
    { description: "x", quantity: "999999999999.999999", unitPrice: "0" },
    WORK,
    WORK,
  ];
  const lines = bodies.map((body) => lineOf("manual", body, before));
  for (const [index, body] of bodies.entries()) {
    const path = { invoiceId: before.id };
    const headers = { "If-Match": etag ?? "" };
    const reply = await api.addInvoiceLine(201, { path, headers: { ...withKey(c), ...headers }, body });
    c.body(reply, later(before, due(lines.slice(0, index + 1))));
    // Lines keep their ids.
    c.equal("earlier lines", reply.body.lines.slice(0, index), before.lines, reply);
    c.equal("ETag changed", reply.headers.etag === etag, false, reply);
    await readBack(c, api, reply);
    const stale = api.send(412, "addInvoiceLine", { path, headers: { ...withKey(c), ...headers }, body });
    await c.refused(stale, "precondition-failed", {});
    [before, etag] = [reply.body, reply.headers.etag];
  }
  c.equal("ids of lines", new Set(before.lines.map((line) => line.id)).size, bodies.length);
}

/** Of lines with the same ETag at once, one wins. */
export async function oneETag(c: Case, api: Api, subscriptionId: string): Promise<void> {
  const drafted = await draft(c, api, subscriptionId, { periodStart: STARTED });
  const replies = await Promise.all(
    ["a", "b", "c", "d"].map((description) =>
      api.addInvoiceLine([201, 412], {
        path: { invoiceId: drafted.body.id },
        headers: { ...withKey(c), "If-Match": drafted.headers.etag ?? "" },
        body: { ...WORK, description },
      }),
    ),
  );
  const won = replies.filter((reply) => reply.status === 201);
  c.equal("lines that won with one ETag", won.length, 1, replies[0]);
  if (won[0]) await readBack(c, api, won[0]);
}

/** As many lines as there may be, none of them lost, and then one too many. */
export async function aHundred(c: Case, api: Api, full: Invoice): Promise<void> {
  const names = Array.from({ length: 100 }, (_, index) => `${index}`);
  const bodies = names.map((description) => ({ description, quantity: "1", unitPrice: "0.01" }));
  await c.all(bodies, (body) => addLine(c, api, full.id, body));
  const reply = await api.getInvoice(200, { path: { invoiceId: full.id } });
  const byName = [...reply.body.lines].sort((a, b) => Number(a.description) - Number(b.description));
  const lines = bodies.map((body) => lineOf("manual", body, full));
  c.equal("", { ...reply.body, lines: byName }, later(full, due(lines)), reply);
  await c.refused(lineTo(c, api, full.id, 409), "conflict", {});
}
