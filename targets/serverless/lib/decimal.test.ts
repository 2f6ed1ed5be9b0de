import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, decimalPattern, divideHalfEven, formatDecimal, parseDecimal } from "./decimal.ts";

const millionths = fc.bigInt({ min: 0n, max: 10n ** 30n });

test("every decimal survives writing and reading", () => {
  fc.assert(
    fc.property(millionths, (value) => {
      expect(parseDecimal(formatDecimal(value))).toBe(value);
    }),
  );
});

test("what is written is canonical", () => {
  fc.assert(
    fc.property(millionths, (value) => {
      const text = formatDecimal(value);
      expect(text).toMatch(/^(0|[1-9][0-9]*)(\.[0-9]{0,5}[1-9])?$/);
      expect(canonical(text)).toBe(text);
    }),
  );
});

test.each([
  ["10.10", "10.1"],
  ["3.000", "3"],
  ["0.000", "0"],
  ["0.000001", "0.000001"],
  ["999999999999999999.999999", "999999999999999999.999999"],
  ["100", "100"],
])("%s is %s", (given, want) => expect(canonical(given)).toBe(want));

test.each(["", ".5", "5.", "01", "-1", "+1", "1e3", "1.0000000", "1234567890123456789", " 1", "1\n", "١"])(
  "%j is no decimal",
  (text) => expect(decimalPattern.test(text)).toBe(false),
);

test.each([
  [1n, 2n, 0n],
  [3n, 2n, 2n],
  [5n, 2n, 2n],
  [-1n, 2n, 0n],
  [-3n, 2n, -2n],
  [-5n, 2n, -2n],
  [7n, 3n, 2n],
  [-7n, 3n, -2n],
  [8n, 3n, 3n],
])("%i ÷ %i is %i", (n, d, want) => expect(divideHalfEven(n, d)).toBe(want));

test("rounding is to a nearest integer, to the even one at a tie", () => {
  const numbers = [
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
    fc.bigInt({ min: 1n, max: 10n ** 20n }),
  ] as const;
  fc.assert(
    fc.property(...numbers, (n, d) => {
      const q = divideHalfEven(n, d);
      const distance = n - q * d < 0n ? q * d - n : n - q * d;
      expect(distance * 2n <= d).toBe(true);
      if (distance * 2n === d) expect(q % 2n).toBe(0n);
    }),
  );
});
