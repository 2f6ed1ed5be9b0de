import { type Handler, serve } from "../../lib/http.ts";
import { isId } from "../../lib/ids.ts";
import { conflict, notFound } from "../../lib/problem.ts";
import { array, object, validate } from "../../lib/schema.ts";
import { commit, read, tables } from "../../lib/table.ts";
import { formatTime } from "../../lib/time.ts";
import { anyObject, type Verdict } from "./judge.ts";
import { isVoided, type UsageItem } from "./model.ts";
import { record } from "./record.ts";

const recordUsage: Handler = async (call) => {
  const [verdict] = await record(call.accountId, [call.body], formatTime(call.now));
  if (!verdict) throw new Error("no verdict");
  if (verdict.status === "rejected") throw verdict.problem;
  const { doc } = verdict.item;
  if (verdict.status === "duplicate") return { status: 200, body: doc };
  return { status: 201, headers: { location: `/usage/events/${doc.id}` }, body: doc };
};

const batch = object({ events: array(anyObject, 1, 100) });

const recordUsageBatch: Handler = async (call) => {
  const { events } = validate(batch, call.body);
  const verdicts = await record(call.accountId, events, formatTime(call.now));
  return { status: 200, body: { items: verdicts.map(toResult) } };
};

const toResult = (verdict: Verdict, index: number) =>
  verdict.status === "rejected"
    ? { index, status: verdict.status, problem: verdict.problem.body }
    : { index, status: verdict.status, event: verdict.item.doc };

const voidUsageEvent: Handler = async (call) => {
  const key = { pk: call.accountId, sk: call.path("usageEventId") };
  if (!isId("usg", key.sk)) throw notFound("usage event");
  const refused = await commit([
    {
      Update: {
        TableName: tables.usage,
        Key: key,
        UpdateExpression: "REMOVE s, t",
        ConditionExpression: "attribute_exists(s) AND attribute_not_exists(doc.invoiceId)",
      },
    },
  ]);
  if (!refused) return { status: 204 };
  const item = await read<UsageItem>(tables.usage, key);
  if (!item || isVoided(item)) throw notFound("usage event");
  throw conflict("An invoice has claimed the event.");
};

export const handler = serve({ recordUsage, recordUsageBatch, voidUsageEvent });
