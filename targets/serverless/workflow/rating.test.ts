import { describe, expect, test } from "vitest";
import type { InvoiceLine, RatingBasis } from "../functions/invoices/model.ts";
import { outcomeOf, rate } from "./rating.ts";

const invoice = { currency: "USD", taxRateBasisPoints: 1900 } as const;
const tiers: RatingBasis = {
  planName: "Pay as you go",
  meter: "calls",
  quantity: "1",
  pricing: { model: "graduated", tiers: [{ upTo: "10", unitPrice: "1" }, { unitPrice: "0.005" }] },
};
const line = (amount: number, taxAmount = 0): InvoiceLine => ({
  id: "line_1",
  kind: "manual",
  description: "d",
  quantity: "1",
  unitPrice: "1",
  amount,
  taxAmount,
});

describe("rate", () => {
  test("usage over two tiers, in their order", () => {
    const rated = rate(invoice, tiers, "13", 0);
    expect(rated).toEqual({
      lines: [
        { ...shape, kind: "usage", quantity: "10", unitPrice: "1", amount: 1000, taxAmount: 190 },
        { ...shape, kind: "usage", quantity: "3", unitPrice: "0.005", amount: 2, taxAmount: 0 },
      ],
    });
  });
  const shape = { id: expect.stringMatching(/^line_/), description: "Pay as you go" };
  test("no usage makes no line", () => expect(rate(invoice, tiers, "0", 0)).toEqual({ lines: [] }));
  test("a flat fee is recurring", () => {
    const { meter, ...basis } = tiers;
    const rated = rate(invoice, { ...basis, pricing: { model: "flat", amount: 4900 } }, "7", 0);
    expect(rated).toMatchObject({
      lines: [{ kind: "recurring", quantity: "1", unitPrice: "49", amount: 4900 }],
    });
  });
  test("too great an amount fails the invoice", () =>
    expect(rate(invoice, tiers, `2${"0".repeat(20)}`, 0)).toEqual({ failure: "amount_too_large" }));
});

describe("outcomeOf", () => {
  test("manual lines first, sums over all", () =>
    expect(outcomeOf({ lines: [line(5, 1)] }, { lines: [line(7, 2)] })).toEqual({
      kind: "billed",
      changes: { lines: [line(5, 1), line(7, 2)], subtotal: 12, tax: 3, total: 15 },
    }));
  test("manual lines alone are enough", () =>
    expect(outcomeOf({ lines: [line(0)] }, { lines: [] })).toMatchObject({
      kind: "billed",
      changes: { total: 0 },
    }));
  test("nothing at all", () =>
    expect(outcomeOf({ lines: [] }, { lines: [] })).toEqual({
      kind: "failed",
      failureReason: "nothing_to_bill",
    }));
  test("a sum too great", () =>
    expect(outcomeOf({ lines: [line(Number.MAX_SAFE_INTEGER)] }, { lines: [line(0, 1)] })).toEqual({
      kind: "failed",
      failureReason: "amount_too_large",
    }));
});
