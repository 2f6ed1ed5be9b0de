import { type Handler, type HttpEvent, listReply, serve } from "../../lib/http.ts";
import { etagOf } from "../../lib/precondition.ts";
import { tables } from "../../lib/table.ts";
import { loadAccount, type StoredMember } from "./store.ts";

const getAccount: Handler = async (call) => {
  const account = await loadAccount(call.accountId, call.path("accountId"));
  return { status: 200, headers: { etag: etagOf(account.version) }, body: account.doc };
};

const listMembers: Handler = async (call) => {
  await loadAccount(call.accountId, call.path("accountId"));
  const range = { table: tables.accounts, pk: call.accountId, prefix: "mem_" };
  return listReply<StoredMember>(call, range, (member) => member.doc);
};

const api = serve({ getAccount, listMembers });

/** Also answers `GET /health`, which is operational and no part of the contract. */
export const handler: typeof api = async (event: HttpEvent, context) =>
  event.routeKey === "GET /health" ? health() : api(event, context);

const health = () => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ status: "ok", version: process.env.VERSION ?? "unknown" }),
});
