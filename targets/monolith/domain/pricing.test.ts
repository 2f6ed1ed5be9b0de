import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDecimal, one, parseDecimal } from "./decimal.ts";
import { charges, fits, type Pricing, priceLine, totalsOf } from "./pricing.ts";

const d = (text: string) => parseDecimal(text) ?? 0n;
const written = (pricing: Pricing, quantity: string) =>
  charges(pricing, d(quantity), "EUR").map((charge) => [
    formatDecimal(charge.quantity),
    formatDecimal(charge.unitPrice),
  ]);

const graduated: Pricing = {
  model: "graduated",
  tiers: [
    { upTo: d("100"), unitPrice: d("0") },
    { upTo: d("100.5"), unitPrice: d("2") },
    { unitPrice: d("1") },
  ],
};

describe("charges", () => {
  test("flat is one unit whatever the quantity, in major units", () => {
    expect(written({ model: "flat", amount: 4905 }, "0")).toEqual([["1", "49.05"]]);
    expect(charges({ model: "flat", amount: 4900 }, one, "JPY")[0]?.unitPrice).toBe(d("4900"));
    expect(charges({ model: "flat", amount: 4900 }, one, "KWD")[0]?.unitPrice).toBe(d("4.9"));
  });

  test("tiers take what lies above the one before, their end included", () => {
    expect(written(graduated, "100")).toEqual([["100", "0"]]);
    expect(written(graduated, "100.25")).toEqual([
      ["100", "0"],
      ["0.25", "2"],
    ]);
    expect(written(graduated, "102")).toEqual([
      ["100", "0"],
      ["0.5", "2"],
      ["1.5", "1"],
    ]);
  });

  test("nothing costs nothing", () => {
    expect(written(graduated, "0")).toEqual([]);
    expect(written({ model: "per_unit", unitPrice: d("5") }, "0")).toEqual([]);
  });

  test("tiers together hold the whole quantity", () =>
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), (quantity) => {
        const parts = charges(graduated, quantity, "EUR").map((charge) => charge.quantity);
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(quantity);
        expect(parts.every((part) => part > 0n)).toBe(true);
      }),
    ));
});

describe("lines", () => {
  test.each([
    ["3", "0.005", 2n, 0n],
    ["1", "0.005", 0n, 0n],
    ["1", "0.015", 2n, 0n],
    ["1", "0.50", 50n, 10n],
  ])("%s x %s EUR at 19 %%", (quantity, unitPrice, amount, taxAmount) => {
    expect(priceLine({ quantity: d(quantity), unitPrice: d(unitPrice) }, "EUR", 1900)).toMatchObject({
      amount,
      taxAmount,
    });
  });

  test("the total decides whether amounts can be said", () => {
    const line = { amount: 9_007_199_254_740_991n, taxAmount: 0n };
    expect(fits(totalsOf([line]))).toBe(true);
    expect(fits(totalsOf([line, { amount: 0n, taxAmount: 1n }]))).toBe(false);
  });
});
