import { meterMeaning, meterPattern } from "../catalog/plan.ts";
import { formatDecimal, fromNumeric } from "../domain/decimal.ts";
import { formatTime } from "../domain/time.ts";
import { operation } from "../http/operation.ts";
import { malformed, notFound } from "../http/problem.ts";
import { findSubscription } from "../subscriptions/store.ts";
import { choice, mandatory, pattern, time } from "../validation/query.ts";
import { bucketStarts, granularities, mostBuckets, nextBucket } from "./buckets.ts";

interface BucketRow {
  bucket: Date;
  quantity: string;
  count: number;
}

/** Exact sums of one meter of a subscription, by hour, day or month. */
export const getUsageSummary = operation({
  id: "getUsageSummary",
  method: "GET",
  path: "/subscriptions/{subscriptionId}/usage-summary",
  scope: "usage:read",
  query: {
    meter: mandatory(pattern(meterPattern, meterMeaning)),
    from: mandatory(time),
    to: mandatory(time),
    granularity: mandatory(choice(granularities)),
  },
  async handle({ db, accountId, params, query }) {
    const { meter, from, to, granularity } = query;
    if (meter === undefined || from === undefined || to === undefined || granularity === undefined)
      throw new Error("required parameters are missing");
    const starts = readRange(granularity, from, to);
    const subscription = await findSubscription(db, accountId, params.subscriptionId);
    if (subscription === undefined) throw notFound();
    const rows = await db.rows<BucketRow>(
      `SELECT date_trunc($5, occurred_at, 'UTC') AS bucket, sum(quantity) AS quantity, count(*) AS count
       FROM usage_events
       WHERE subscription_id = $1 AND meter = $2 AND occurred_at >= $3 AND occurred_at < $4 AND voided_at IS NULL
       GROUP BY 1`,
      [subscription.id, meter, from, to, granularity],
    );
    const filled = new Map(rows.map((row) => [row.bucket.getTime(), row]));
    let total = 0n;
    let count = 0;
    const buckets = starts.map((start) => {
      const row = filled.get(start.getTime());
      const quantity = row === undefined ? 0n : fromNumeric(row.quantity);
      total += quantity;
      count += row?.count ?? 0;
      return {
        start: formatTime(start),
        end: formatTime(nextBucket(granularity, start)),
        quantity: formatDecimal(quantity),
        count: row?.count ?? 0,
      };
    });
    return {
      status: 200,
      body: {
        subscriptionId: subscription.id,
        meter,
        granularity,
        from: formatTime(from),
        to: formatTime(to),
        buckets,
        total: formatDecimal(total),
        count,
      },
    };
  },
});

/** @throws Problem 400 for a range that cannot be cut into buckets */
function readRange(granularity: (typeof granularities)[number], from: Date, to: Date): Date[] {
  if (from >= to) throw malformed([{ parameter: "to", detail: "must be after from" }]);
  if (to.getUTCFullYear() > 2998)
    throw malformed([{ parameter: "to", detail: "must lie before the year 2999" }]);
  const starts = bucketStarts(granularity, from, to);
  if (starts === undefined)
    throw malformed([{ parameter: "to", detail: `makes more than ${mostBuckets} buckets` }]);
  return starts;
}
