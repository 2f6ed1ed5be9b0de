import { isId } from "../../lib/ids.ts";
import { Problem } from "../../lib/problem.ts";
import { validate } from "../../lib/schema.ts";
import type { Stored } from "../../lib/table.ts";
import { commit, insert, readMany, tables, untilUncontended } from "../../lib/table.ts";
import type { Subscription } from "../subscriptions/store.ts";
import { judge, type UsageRequest, usageRequest, type Verdict } from "./judge.ts";
import { type UsageItem, usageEventId } from "./model.ts";

/** `readMany` and a transaction take this many. */
const atOnce = 100;

/**
 * Judges raw bodies in order, each after those before it, and records the good ones in one transaction. When
 * another request was quicker with one of their eventIds, nothing is recorded and all are judged again.
 */
export function record(
  accountId: string,
  bodies: readonly unknown[],
  now: string,
): Promise<readonly Verdict[]> {
  const requests = bodies.map(readRequest);
  const valid = requests.filter((each): each is UsageRequest => !(each instanceof Problem));
  return untilUncontended(async () => {
    const { events, subscriptions } = await readKnown(accountId, valid);
    const verdicts = requests.map((request): Verdict => {
      if (request instanceof Problem) return { status: "rejected", problem: request };
      const id = usageEventId(accountId, request.eventId);
      const subscription = subscriptions.get(request.subscriptionId);
      const verdict = judge(accountId, { request, known: events.get(id), subscription }, now);
      if (verdict.status === "recorded") events.set(id, verdict.item);
      return verdict;
    });
    const recorded = verdicts.filter((verdict) => verdict.status === "recorded");
    const writes = recorded.map(({ item }) => insert(tables.usage, { ...item }));
    return writes.length > 0 && (await commit(writes)) ? undefined : verdicts;
  });
}

function readRequest(body: unknown): UsageRequest | Problem {
  try {
    return validate(usageRequest, body);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** What is stored under the eventIds and subscriptionIds of some requests, by id. */
async function readKnown(accountId: string, requests: readonly UsageRequest[]) {
  const eventIds = new Set(requests.map(({ eventId }) => usageEventId(accountId, eventId)));
  const subscriptionIds = new Set(
    requests.map((each) => each.subscriptionId).filter((id) => isId("sub", id)),
  );
  const keys = [
    ...[...eventIds].map((sk) => ({ table: tables.usage, key: { pk: accountId, sk } })),
    ...[...subscriptionIds].map((sk) => ({ table: tables.subscriptions, key: { pk: accountId, sk } })),
  ];
  const pages = Array.from({ length: Math.ceil(keys.length / atOnce) }, (_, i) =>
    keys.slice(i * atOnce, (i + 1) * atOnce),
  );
  const items = (
    await Promise.all(pages.map((page) => readMany<UsageItem | Stored<Subscription>>(page)))
  ).flat();
  const events = new Map<string, UsageItem>();
  const subscriptions = new Map<string, Subscription>();
  for (const item of items) {
    if (item && "version" in item) subscriptions.set(item.sk, item.doc);
    else if (item) events.set(item.sk, item as UsageItem);
  }
  return { events, subscriptions };
}
