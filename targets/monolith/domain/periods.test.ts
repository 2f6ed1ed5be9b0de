import fc from "fast-check";
import { expect, test } from "vitest";
import { boundary, periodAt } from "./periods.ts";

const at = (text: string) => new Date(text);

test("month ends are counted from the anchor, not from the month before", () => {
  const anchor = at("2027-01-31T10:00:00.123Z");
  expect([0, 1, 2, 3, 13].map((n) => boundary(anchor, "month", n).toISOString())).toEqual([
    "2027-01-31T10:00:00.123Z",
    "2027-02-28T10:00:00.123Z",
    "2027-03-31T10:00:00.123Z",
    "2027-04-30T10:00:00.123Z",
    "2028-02-29T10:00:00.123Z",
  ]);
});

test("29 February is 28 February in years that have none", () => {
  const anchor = at("2028-02-29T00:00:00Z");
  expect(boundary(anchor, "year", 1).toISOString()).toBe("2029-02-28T00:00:00.000Z");
  expect(boundary(anchor, "year", 4).toISOString()).toBe("2032-02-29T00:00:00.000Z");
});

test("a boundary belongs to the period it begins", () => {
  const anchor = at("2026-01-31T10:00:00Z");
  expect(periodAt(anchor, "month", at("2026-02-28T10:00:00Z")).start).toEqual(at("2026-02-28T10:00:00Z"));
  expect(periodAt(anchor, "month", at("2026-02-28T09:59:59.999Z")).start).toEqual(anchor);
});

test("before the anchor the first period answers", () => {
  const anchor = at("2026-06-15T00:00:00Z");
  expect(periodAt(anchor, "year", at("1999-01-01T00:00:00Z"))).toEqual({
    start: anchor,
    end: at("2027-06-15T00:00:00Z"),
  });
});

const instants = fc.date({
  min: at("1970-01-01T00:00:00Z"),
  max: at("2998-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});

test("the period contains the instant, and its ends are boundaries", () =>
  fc.assert(
    fc.property(instants, instants, fc.constantFrom("month" as const, "year" as const), (a, b, interval) => {
      const [anchor, instant] = a < b ? [a, b] : [b, a];
      const { start, end } = periodAt(anchor, interval, instant);
      expect(start <= instant && instant < end).toBe(true);
      expect(periodAt(anchor, interval, start).start).toEqual(start);
      expect(periodAt(anchor, interval, end).start).toEqual(end);
    }),
  ));
