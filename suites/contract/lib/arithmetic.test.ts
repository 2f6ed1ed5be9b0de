import { expect, test } from "vitest";
import { bundledModel, operationById } from "../../../openapi/model/index.ts";
import { canonical, pricedLine, totals } from "./arithmetic.ts";

interface Vector {
  readonly id: string;
  readonly given: { currency: string; taxRateBasisPoints: number; quantity: string; unitPrice: string };
  readonly want: { readonly status?: number };
}

test("lines are priced as the documents worked them out by hand", () => {
  const vectors = operationById(bundledModel(), "addInvoiceLine").vectors as readonly Vector[];
  const accepted = vectors.filter(({ want }) => want.status === undefined);
  expect(accepted.length).toBeGreaterThan(10);
  for (const { id, given, want } of accepted) {
    const line = pricedLine(given.quantity, given.unitPrice, given.currency, given.taxRateBasisPoints);
    expect({ id, ...line }).toEqual({ id, ...want });
  }
});

test("a decimal is canonical without trailing zeros behind the point", () => {
  expect(["10", "100", "1.50", "3.000", "0.000000", "0.1"].map(canonical)).toEqual([
    "10",
    "100",
    "1.5",
    "3",
    "0",
    "0.1",
  ]);
});

test("totals are sums over lines", () => {
  expect(
    totals([
      { amount: 2, taxAmount: 1 },
      { amount: 3, taxAmount: 0 },
    ]),
  ).toEqual({ subtotal: 5, tax: 1, total: 6 });
  expect(totals([])).toEqual({ subtotal: 0, tax: 0, total: 0 });
});
