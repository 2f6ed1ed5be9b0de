import fc from "fast-check";
import { expect, test } from "vitest";
import { divideHalfEven, largestAmount, toAmount } from "./money.ts";

test.each([
  [5n, 10n, 0n],
  [15n, 10n, 2n],
  [25n, 10n, 2n],
  [26n, 10n, 3n],
  [24n, 10n, 2n],
  [7n, 1n, 7n],
])("%d / %d is %d", (a, b, quotient) => expect(divideHalfEven(a, b)).toBe(quotient));

test("the result is the nearest whole number, and the even one of two", () =>
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 40n), fc.bigInt(1n, 10n ** 20n), (a, b) => {
      const distance = 2n * (a - divideHalfEven(a, b) * b);
      const magnitude = distance < 0n ? -distance : distance;
      expect(magnitude <= b).toBe(true);
      if (magnitude === b) expect(divideHalfEven(a, b) % 2n).toBe(0n);
    }),
  ));

test("an amount above 2^53-1 never becomes a number", () => {
  expect(toAmount(largestAmount)).toBe(9_007_199_254_740_991);
  expect(() => toAmount(largestAmount + 1n)).toThrow(RangeError);
});
