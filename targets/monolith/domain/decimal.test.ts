import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDecimal, fromNumeric, parseDecimal } from "./decimal.ts";

describe("decimals", () => {
  test.each([
    ["0", 0n, "0"],
    ["10.10", 10_100_000n, "10.1"],
    ["3.000", 3_000_000n, "3"],
    ["0.000001", 1n, "0.000001"],
    ["999999999999999999.999999", 999_999_999_999_999_999_999_999n, "999999999999999999.999999"],
  ])("%s is read exactly and written canonically", (text, value, canonical) => {
    expect(parseDecimal(text)).toBe(value);
    expect(formatDecimal(value)).toBe(canonical);
  });

  test.each(["", "-1", "+1", "01", "1.", ".5", "1e3", "1.0000000", "1000000000000000000", " 1", "1\n", "٣"])(
    "%j is no decimal",
    (text) => expect(parseDecimal(text)).toBeUndefined(),
  );

  test("what is written is read back", () =>
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n - 1n), (value) => {
        expect(parseDecimal(formatDecimal(value))).toBe(value);
      }),
    ));

  test("PostgreSQL's sums keep their digits", () => {
    expect(fromNumeric("123456789012345678901234.500000")).toBe(123_456_789_012_345_678_901_234_500_000n);
    expect(() => fromNumeric("NaN")).toThrow(RangeError);
  });
});
