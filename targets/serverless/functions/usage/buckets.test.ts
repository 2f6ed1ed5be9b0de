import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import {
  bucketEdges,
  type Granularity,
  granularities,
  type Measured,
  maxBuckets,
  sumBuckets,
} from "./buckets.ts";

interface Vector {
  readonly id: string;
  readonly given: {
    readonly from: string;
    readonly to: string;
    readonly granularity: Granularity;
    readonly events: readonly Measured[];
  };
  readonly want: {
    readonly buckets?: unknown;
    readonly total: string;
    readonly count: number;
    readonly status?: number;
  };
}

const document = parse(readFileSync(new URL("../../../../openapi/usage.yaml", import.meta.url), "utf8"));
const vectors: readonly Vector[] =
  document.paths["/subscriptions/{subscriptionId}/usage-summary"].get["x-vectors"];

test("there are vectors", () => expect(vectors.length).toBeGreaterThan(3));

test.each(vectors)("vector $id", ({ given, want }) => {
  const [from, to] = [Date.parse(given.from), Date.parse(given.to)];
  const edges = bucketEdges(given.granularity, from, to);
  if (want.status !== undefined) return expect(edges).toBeUndefined();
  const events = given.events.filter(
    ({ occurredAt }) => Date.parse(occurredAt) >= from && Date.parse(occurredAt) < to,
  );
  expect(sumBuckets(given.granularity, edges ?? [], events)).toMatchObject(want);
});

test("a thousand buckets are fine, one more is not", () => {
  const hours = (n: number) => bucketEdges("hour", 0, n * 3_600_000);
  expect(hours(maxBuckets)).toHaveLength(maxBuckets + 1);
  expect(hours(maxBuckets + 1)).toBeUndefined();
  expect(bucketEdges("hour", 1, maxBuckets * 3_600_000 + 1)).toBeUndefined();
});

const instant = fc.integer({ min: 0, max: Date.UTC(2998, 11, 31) });
const anEvent = (from: number, to: number) =>
  fc.record({
    occurredAt: fc.integer({ min: from, max: to - 1 }).map((ms) => new Date(ms).toISOString()),
    quantity: fc.nat(999_999).map((n) => `${n % 1000}.${String(n).padStart(6, "0").slice(0, 3)}1`),
  });

test("buckets lie edge to edge around the range, and their sums are the total", () => {
  const range = fc
    .record({
      from: instant,
      span: fc.integer({ min: 1, max: 30 * 86_400_000 }),
      granularity: fc.constantFrom(...granularities),
    })
    .chain((each) =>
      fc
        .array(anEvent(each.from, each.from + each.span))
        .map((events) => ({ ...each, to: each.from + each.span, events })),
    );
  fc.assert(
    fc.property(range, ({ from, to, granularity, events }) => {
      const edges = bucketEdges(granularity, from, to) ?? [];
      expect(edges[0]).toBeLessThanOrEqual(from);
      expect(edges.at(-1)).toBeGreaterThanOrEqual(to);
      expect(edges.at(-2)).toBeLessThan(to);
      const { buckets, total, count } = sumBuckets(granularity, edges, events);
      for (const [i, bucket] of buckets.entries()) {
        expect(bucket.end).toBe(buckets[i + 1]?.start ?? bucket.end);
        const inside = events.filter(
          (each) => each.occurredAt >= bucket.start && each.occurredAt < bucket.end,
        );
        expect(bucket.count).toBe(inside.length);
        expect(millionths(bucket.quantity)).toBe(
          inside.reduce((sum, each) => sum + millionths(each.quantity), 0n),
        );
      }
      expect(count).toBe(events.length);
      expect(millionths(total)).toBe(buckets.reduce((sum, each) => sum + millionths(each.quantity), 0n));
    }),
    { numRuns: 60 },
  );
});

function millionths(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
}
