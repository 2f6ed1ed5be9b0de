import { type Handler, listReply, serve } from "../../lib/http.ts";
import { isId } from "../../lib/ids.ts";
import { notFound } from "../../lib/problem.ts";
import { malformed } from "../../lib/query.ts";
import { read, scanRange, tables } from "../../lib/table.ts";
import { loadSubscription } from "../subscriptions/store.ts";
import { bucketEdges, type Granularity, maxBuckets, sumBuckets } from "./buckets.ts";
import { isVoided, type UsageItem } from "./model.ts";

/** Index keys are `time#id`, or `subscription#time#id`, so that what stands at `to` itself lies behind the range. */
const listUsageEvents: Handler = (call) => {
  const { subscriptionId, meter, from, to } = call.query;
  const start = subscriptionId === undefined ? "" : `${subscriptionId}#`;
  const range = {
    table: tables.usage,
    pk: call.accountId,
    index: subscriptionId === undefined ? { name: "byTime", key: "t" } : { name: "bySubscription", key: "s" },
    prefix: start,
    from: `${start}${from ?? " "}`,
    ...(to === undefined ? {} : { to: `${start}${to}` }),
    filters: { "doc.meter": meter },
  };
  return listReply<UsageItem>(call, range, (item) => item.doc);
};

const getUsageEvent: Handler = async (call) => {
  const id = call.path("usageEventId");
  const item = isId("usg", id)
    ? await read<UsageItem>(tables.usage, { pk: call.accountId, sk: id })
    : undefined;
  if (!item || isVoided(item)) throw notFound("usage event");
  return { status: 200, body: item.doc };
};

const badRange = (parameter: string, detail: string) => malformed([{ parameter, detail }]);

const getUsageSummary: Handler = async (call) => {
  const { meter = "", from = "", to = "" } = call.query;
  const granularity = call.query.granularity as Granularity;
  if (to >= "2999") throw badRange("to", "lies after the year 2998");
  const edges = bucketEdges(granularity, Date.parse(from), Date.parse(to));
  if (!edges) throw badRange("to", `makes more than ${maxBuckets} buckets`);
  const { doc: subscription } = await loadSubscription(call.accountId, call.path("subscriptionId"));
  const events = await scanRange<UsageItem>({
    table: tables.usage,
    pk: call.accountId,
    index: { name: "bySubscription", key: "s" },
    from: `${subscription.id}#${from}`,
    to: `${subscription.id}#${to}`,
    filters: { "doc.meter": meter },
  });
  const sums = sumBuckets(
    granularity,
    edges,
    events.map(({ doc }) => doc),
  );
  return { status: 200, body: { subscriptionId: subscription.id, meter, granularity, from, to, ...sums } };
};

export const handler = serve({ listUsageEvents, getUsageEvent, getUsageSummary });
