import fc from "fast-check";
import { expect, test } from "vitest";
import { boundary, formatTime, parseTime, periodAt } from "./time.ts";

const at = (text: string): number => parseTime(text) ?? Number.NaN;

test.each([
  ["2026-01-31T10:30:00+01:00", "2026-01-31T09:30:00.000Z"],
  ["2026-01-31T10:30:00.5Z", "2026-01-31T10:30:00.500Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
  ["2999-12-31T23:59:59.999Z", "2999-12-31T23:59:59.999Z"],
  ["1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00.000Z"],
])("%s is %s", (given, want) => expect(formatTime(at(given))).toBe(want));

test.each([
  "2026-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "2100-02-29T00:00:00Z",
  "2026-04-31T00:00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T00:00:60Z",
  "2026-01-01T00:00:00z",
  "2026-01-01t00:00:00Z",
  "2026-01-01T00:00:00",
  "2026-01-01T00:00:00.1234Z",
  "2026-01-01T00:00:00+24:00",
  "2026-01-01",
  "1969-12-31T23:59:59.999Z",
  "2999-12-31T23:59:59-01:00",
  "2026-01-01T00:00:00Z\n",
])("%j is no time", (text) => expect(parseTime(text)).toBeUndefined());

test("periods end on the anchor's day, or the month's last", () => {
  const start = at("2026-01-31T10:00:00Z");
  const ends = [1, 2, 3, 13, 25].map((n) => formatTime(boundary(start, "month", n)).slice(0, 10));
  expect(ends).toEqual(["2026-02-28", "2026-03-31", "2026-04-30", "2027-02-28", "2028-02-29"]);
  const leap = at("2028-02-29T00:00:00Z");
  expect([1, 4].map((n) => formatTime(boundary(leap, "year", n)))).toEqual([
    "2029-02-28T00:00:00.000Z",
    "2032-02-29T00:00:00.000Z",
  ]);
});

test("the period at an instant contains it and is one between neighbouring boundaries", () => {
  const instants = fc.integer({ min: 0, max: at("2900-01-01T00:00:00Z") });
  const interval = fc.constantFrom("month", "year");
  fc.assert(
    fc.property(instants, instants, interval, (a, b, each) => {
      const [startsAt, when] = [Math.min(a, b), Math.max(a, b)];
      const { start, end } = periodAt(startsAt, each, when);
      expect(start <= when && when < end).toBe(true);
      expect(periodAt(startsAt, each, start)).toEqual({ start, end });
      expect(periodAt(startsAt, each, end).start).toBe(end);
    }),
  );
});

test("before the start it is the first period", () => {
  const start = at("2026-01-31T10:00:00Z");
  expect(periodAt(start, "month", 0)).toEqual({ start, end: boundary(start, "month", 1) });
});
