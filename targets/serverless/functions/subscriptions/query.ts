import { type Handler, listReply, serve } from "../../lib/http.ts";
import { etagOf } from "../../lib/precondition.ts";
import { type Stored, tables } from "../../lib/table.ts";
import { loadSubscription, type Subscription } from "./store.ts";

const listSubscriptions: Handler = (call) => {
  const { status, planId } = call.query;
  const filters = { "doc.status": status, "doc.planId": planId };
  const range = {
    table: tables.subscriptions,
    pk: call.accountId,
    prefix: "sub_",
    descending: true,
    filters,
  };
  return listReply<Stored<Subscription>>(call, range, (subscription) => subscription.doc);
};

const getSubscription: Handler = async (call) => {
  const { version, doc } = await loadSubscription(call.accountId, call.path("subscriptionId"));
  return { status: 200, headers: { etag: etagOf(version) }, body: doc };
};

export const handler = serve({ listSubscriptions, getSubscription });
