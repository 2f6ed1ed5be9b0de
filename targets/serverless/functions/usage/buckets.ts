import { formatDecimal, parseDecimal } from "../../lib/decimal.ts";
import { formatTime } from "../../lib/time.ts";

export const granularities = ["hour", "day", "month"] as const;
export type Granularity = (typeof granularities)[number];

/** The most buckets one summary may have. */
export const maxBuckets = 1000;

export interface Bucket {
  readonly start: string;
  readonly end: string;
  readonly quantity: string;
  readonly count: number;
}

const hour = 3_600_000;
const day = 24 * hour;

/** The start of the UTC-aligned bucket that contains `at` (ms). */
function alignedStart(granularity: Granularity, at: number): number {
  if (granularity === "hour") return Math.floor(at / hour) * hour;
  if (granularity === "day") return Math.floor(at / day) * day;
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function nextStart(granularity: Granularity, start: number): number {
  if (granularity === "hour") return start + hour;
  if (granularity === "day") return start + day;
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/**
 * Starts of all buckets from the one containing `from` to the one containing `to` − 1 ms, and then the end of the
 * last; undefined if there are more than `maxBuckets`.
 */
export function bucketEdges(
  granularity: Granularity,
  from: number,
  to: number,
): readonly number[] | undefined {
  const edges = [alignedStart(granularity, from)];
  for (let last = edges[0] ?? 0; last < to; edges.push(last)) {
    if (edges.length > maxBuckets) return undefined;
    last = nextStart(granularity, last);
  }
  return edges;
}

export interface Measured {
  readonly occurredAt: string;
  readonly quantity: string;
}

export interface Summed {
  readonly buckets: readonly Bucket[];
  readonly total: string;
  readonly count: number;
}

/** Sums events, all of which lie between the first and the last edge, exactly. */
export function sumBuckets(
  granularity: Granularity,
  edges: readonly number[],
  events: readonly Measured[],
): Summed {
  const sums = new Map<number, { quantity: bigint; count: number }>();
  let total = 0n;
  for (const { occurredAt, quantity } of events) {
    const start = alignedStart(granularity, Date.parse(occurredAt));
    const sum = sums.get(start) ?? { quantity: 0n, count: 0 };
    sum.quantity += parseDecimal(quantity);
    sum.count += 1;
    sums.set(start, sum);
    total += parseDecimal(quantity);
  }
  const buckets = edges.slice(1).map((end, i): Bucket => {
    const start = edges[i] ?? end;
    const { quantity, count } = sums.get(start) ?? { quantity: 0n, count: 0 };
    return { start: formatTime(start), end: formatTime(end), quantity: formatDecimal(quantity), count };
  });
  return { buckets, total: formatDecimal(total), count: events.length };
}
