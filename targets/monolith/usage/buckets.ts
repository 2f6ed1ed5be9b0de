export const granularities = ["hour", "day", "month"] as const;
export type Granularity = (typeof granularities)[number];

/** How many buckets a summary may have. */
export const mostBuckets = 1000;

/** Start of the bucket that contains the instant, in UTC. */
export function bucketStart(granularity: Granularity, instant: Date): Date {
  const start = new Date(instant);
  if (granularity === "month") start.setUTCDate(1);
  if (granularity === "hour") start.setUTCMinutes(0, 0, 0);
  else start.setUTCHours(0, 0, 0, 0);
  return start;
}

/** Start of the bucket after the one that starts here. */
export function nextBucket(granularity: Granularity, start: Date): Date {
  const next = new Date(start);
  if (granularity === "month") next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setTime(next.getTime() + (granularity === "hour" ? 3_600_000 : 86_400_000));
  return next;
}

/**
 * Starts of all buckets from the one that contains `from` to the one that contains the last millisecond before
 * `to`, or `undefined` when there are too many.
 */
export function bucketStarts(granularity: Granularity, from: Date, to: Date): Date[] | undefined {
  const starts: Date[] = [];
  for (let start = bucketStart(granularity, from); start < to; start = nextBucket(granularity, start)) {
    if (starts.length === mostBuckets) return undefined;
    starts.push(start);
  }
  return starts;
}
