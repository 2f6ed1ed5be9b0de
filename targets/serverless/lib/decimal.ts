/**
 * Decimals as BigInt in millionths: "2.5" is 2500000n. Quantities and unit prices have at most 18 integer and
 * 6 fractional digits; sums may be longer.
 */
export const decimalPattern = /^(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$/;
const scale = 1_000_000n;

/** Reads a decimal, of which `decimalPattern` or a stored value holds. */
export function parseDecimal(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole) * scale + BigInt(fraction.padEnd(6, "0"));
}

/** Writes the canonical form: no trailing zeros behind the point, no bare point. */
export function formatDecimal(value: bigint): string {
  const whole = value / scale;
  const fraction = (value % scale).toString().padStart(6, "0").replace(/0+$/, "");
  return fraction === "" ? `${whole}` : `${whole}.${fraction}`;
}

/** "10.10" → "10.1". */
export const canonical = (text: string): string => formatDecimal(parseDecimal(text));

/** n ÷ d, rounded half to even; d > 0, n of either sign. */
export function divideHalfEven(n: bigint, d: bigint): bigint {
  let quotient = n / d;
  let rest = n % d;
  if (rest < 0n) {
    quotient -= 1n;
    rest += d;
  }
  const twice = rest * 2n;
  return twice > d || (twice === d && quotient % 2n !== 0n) ? quotient + 1n : quotient;
}
