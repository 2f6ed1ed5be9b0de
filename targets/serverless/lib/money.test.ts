import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { canonical } from "./decimal.ts";
import { AmountTooLarge, type Currency, priceLine, toMajor, totalsOf } from "./money.ts";
import { type Pricing, price } from "./pricing.ts";

interface Vector {
  readonly id: string;
  readonly given: {
    readonly currency: Currency;
    readonly taxRateBasisPoints: number;
    readonly pricing: Pricing;
    readonly quantity: string;
  };
  readonly want: {
    readonly lines?: unknown;
    readonly subtotal: number;
    readonly tax: number;
    readonly total: number;
  };
}

const catalog = parse(readFileSync(new URL("../../../openapi/catalog.yaml", import.meta.url), "utf8"));
const vectors: readonly Vector[] = catalog.paths["/plans/{planId}/quote"].post["x-vectors"];

test("there are vectors", () => expect(vectors.length).toBeGreaterThan(20));

test.each(vectors)("vector $id", ({ given, want }) => {
  const stored: Pricing = JSON.parse(
    JSON.stringify(given.pricing, (key, value) => (/upTo|unitPrice/.test(key) ? canonical(value) : value)),
  );
  const quote = () => {
    const rates = price(stored, canonical(given.quantity), given.currency);
    const lines = rates.map((rate) => priceLine(rate, given.currency, given.taxRateBasisPoints));
    return { lines, ...totalsOf(lines) };
  };
  if (want.lines === undefined) expect(quote).toThrow(AmountTooLarge);
  else expect(quote()).toMatchObject(want);
});

test.each([
  [4905, "USD", "49.05"],
  [4905, "JPY", "4905"],
  [4905, "KWD", "4.905"],
  [Number.MAX_SAFE_INTEGER, "EUR", "90071992547409.91"],
] as const)("%i %s is %s", (minor, currency, want) => expect(toMajor(minor, currency)).toBe(want));

test("amounts reach 2^53 - 1 and not further", () => {
  const most = { quantity: "1", unitPrice: "9007199254740991" };
  expect(priceLine(most, "JPY", 0).amount).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => priceLine({ ...most, unitPrice: "9007199254740992" }, "JPY", 0)).toThrow(AmountTooLarge);
  expect(() => totalsOf([priceLine(most, "JPY", 0), { amount: 1, taxAmount: 0 }])).toThrow(AmountTooLarge);
  expect(() => totalsOf([{ amount: Number.MAX_SAFE_INTEGER, taxAmount: 1 }])).toThrow(AmountTooLarge);
});
