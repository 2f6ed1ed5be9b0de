import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketStarts, granularities, nextBucket } from "./buckets.ts";

const starts = (...args: Parameters<typeof bucketStarts>) =>
  bucketStarts(...args)?.map((start) => start.toISOString());

test("the last bucket holds the last millisecond before the end", () => {
  const from = new Date("2026-01-31T10:30:00Z");
  expect(starts("hour", from, new Date("2026-01-31T12:00:00Z"))).toEqual([
    "2026-01-31T10:00:00.000Z",
    "2026-01-31T11:00:00.000Z",
  ]);
  expect(starts("month", from, new Date("2026-03-01T00:00:00.001Z"))).toEqual([
    "2026-01-01T00:00:00.000Z",
    "2026-02-01T00:00:00.000Z",
    "2026-03-01T00:00:00.000Z",
  ]);
});

test("1000 buckets are the most", () => {
  const from = new Date("2026-01-01T00:00:00Z");
  const after = (hours: number, ms = 0) => new Date(from.getTime() + hours * 3_600_000 + ms);
  expect(bucketStarts("hour", from, after(1000))).toHaveLength(1000);
  expect(bucketStarts("hour", from, after(1000, 1))).toBeUndefined();
});

test("buckets follow each other without a gap and cover the range", () =>
  fc.assert(
    fc.property(
      fc.date({
        min: new Date("1970-01-01T00:00:00Z"),
        max: new Date("2900-01-01T00:00:00Z"),
        noInvalidDate: true,
      }),
      fc.integer({ min: 1, max: 900 * 3_600_000 }),
      fc.constantFrom(...granularities),
      (from, length, granularity) => {
        const to = new Date(from.getTime() + length);
        const found = bucketStarts(granularity, from, to) ?? [];
        expect(found[0] && found[0] <= from).toBe(true);
        found.forEach((start, i) => {
          const next = nextBucket(granularity, start);
          if (i + 1 < found.length) expect(found[i + 1]).toEqual(next);
          else expect(start < to && next >= to).toBe(true);
        });
      },
    ),
  ));
