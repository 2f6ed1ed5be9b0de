import { meterMeaning, meterPattern } from "../catalog/plan.ts";
import { listOperation } from "../http/list.ts";
import { type Operation, operation, readBody } from "../http/operation.ts";
import { conflict, malformed, notFound } from "../http/problem.ts";
import { filter, idOf, pattern, time } from "../validation/query.ts";
import { type Outcome, record } from "./record.ts";
import { getUsageSummary } from "./summary.ts";
import { type UsageEventRow, usageBatch, usageEventBody } from "./usage-event.ts";

const recordUsage = operation({
  id: "recordUsage",
  method: "POST",
  path: "/usage/events",
  scope: "usage:write",
  body: "application/json",
  async handle({ db, accountId, body, now }) {
    const [outcome] = await record(db, accountId, [body], now);
    if (outcome === undefined) throw new Error("no outcome");
    if (outcome.kind === "rejected") throw outcome.problem;
    const event = usageEventBody(outcome.event);
    return outcome.kind === "recorded"
      ? { status: 201, headers: { Location: `/usage/events/${event.id}` }, body: event }
      : { status: 200, body: event };
  },
});

const recordUsageBatch = operation({
  id: "recordUsageBatch",
  method: "POST",
  path: "/usage/events/batch",
  scope: "usage:write",
  body: "application/json",
  async handle({ db, accountId, body, now }) {
    const { events } = readBody(usageBatch, body);
    const outcomes = await record(db, accountId, events, now);
    return { status: 200, body: { items: outcomes.map(itemBody) } };
  },
});

const itemBody = (outcome: Outcome, index: number) =>
  outcome.kind === "rejected"
    ? { index, status: outcome.kind, problem: outcome.problem.body }
    : { index, status: outcome.kind, event: usageEventBody(outcome.event) };

const listUsageEvents = listOperation({
  id: "listUsageEvents",
  path: "/usage/events",
  scope: "usage:read",
  filters: {
    subscriptionId: filter(idOf("sub")),
    meter: filter(pattern(meterPattern, meterMeaning)),
    from: filter(time),
    to: filter(time),
  },
  source({ accountId, query: { subscriptionId, meter, from, to } }) {
    if (from !== undefined && to !== undefined && from >= to)
      throw malformed([{ parameter: "to", detail: "must be after from" }]);
    return {
      select: "SELECT * FROM usage_events",
      where: [
        ["account_id =", accountId],
        ["subscription_id =", subscriptionId],
        ["meter =", meter],
        ["occurred_at >=", from],
        ["occurred_at <", to],
      ],
      also: ["voided_at IS NULL"],
      sort: "occurred_at",
      direction: "ASC",
    };
  },
  item: usageEventBody,
});

const getUsageEvent = operation({
  id: "getUsageEvent",
  method: "GET",
  path: "/usage/events/{usageEventId}",
  scope: "usage:read",
  async handle({ db, accountId, params }) {
    const row = await db.row<UsageEventRow>(
      "SELECT * FROM usage_events WHERE account_id = $1 AND id = $2 AND voided_at IS NULL",
      [accountId, params.usageEventId],
    );
    if (row === undefined) throw notFound();
    return { status: 200, body: usageEventBody(row) };
  },
});

const voidUsageEvent = operation({
  id: "voidUsageEvent",
  method: "DELETE",
  path: "/usage/events/{usageEventId}",
  scope: "usage:write",
  async handle({ db, accountId, params, now }) {
    const row = await db.row<UsageEventRow>(
      "SELECT * FROM usage_events WHERE account_id = $1 AND id = $2 AND voided_at IS NULL FOR NO KEY UPDATE",
      [accountId, params.usageEventId],
    );
    if (row === undefined) throw notFound();
    if (row.invoice_id !== null) throw conflict("The event is claimed by an invoice.");
    await db.run("UPDATE usage_events SET voided_at = $2 WHERE id = $1", [row.id, now]);
    return { status: 204 };
  },
});

export const usageOperations: readonly Operation[] = [
  recordUsage,
  recordUsageBatch,
  listUsageEvents,
  getUsageEvent,
  voidUsageEvent,
  getUsageSummary,
];
