import { expect, test } from "vitest";
import { bundledModel, operationById } from "../../../openapi/model/index.ts";
import { boundary, periodAt } from "./periods.ts";

interface Vector {
  readonly id: string;
  readonly given: { interval: "month" | "year"; startsAt: string; periodStart: string };
  readonly want: { periodStart: string; periodEnd: string } | { status: number };
}

test("periods lie where the documents worked them out by hand", () => {
  const vectors = operationById(bundledModel(), "draftInvoice").vectors as readonly Vector[];
  expect(vectors.length).toBeGreaterThan(10);
  for (const { id, given, want } of vectors) {
    if ("status" in want) continue;
    const months = given.interval === "year" ? 12 : 1;
    const start = Date.parse(given.periodStart);
    expect({ id, ...periodAt(given.startsAt, months, start) }).toEqual({ id, ...want });
    expect(periodAt(given.startsAt, months, Date.parse(want.periodEnd) - 1)).toEqual(want);
    expect(periodAt(given.startsAt, months, Date.parse(want.periodEnd)).periodStart).toBe(want.periodEnd);
  }
});

test("before the start the period is the first", () => {
  expect(periodAt("2026-01-31T09:30:00Z", 1, 0).periodStart).toBe("2026-01-31T09:30:00.000Z");
});

test("boundaries are counted from the start, not from each other", () => {
  const days = [0, 1, 2, 3].map((n) => boundary("2026-01-31T00:00:00Z", 1, n).slice(5, 10));
  expect(days).toEqual(["01-31", "02-28", "03-31", "04-30"]);
});
