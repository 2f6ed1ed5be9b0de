/** An amount in minor units, before it is known to fit into what the API can say. */
export type Minor = bigint;

/** The largest amount the API can say: 2^53-1 minor units. */
export const largestAmount = BigInt(Number.MAX_SAFE_INTEGER);

/** Currencies and how many decimals their minor unit has (ISO 4217). */
export const exponents = {
  USD: 2,
  EUR: 2,
  GBP: 2,
  CHF: 2,
  SEK: 2,
  PLN: 2,
  JPY: 0,
  KRW: 0,
  CLP: 0,
  KWD: 3,
  BHD: 3,
  TND: 3,
} as const;

export type Currency = keyof typeof exponents;

export const currencies = Object.keys(exponents) as Currency[];

/** numerator / denominator to the nearest whole number, ties to the even one; both at least 0, denominator not 0. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (twice < denominator || (twice === denominator && quotient % 2n === 0n)) return quotient;
  return quotient + 1n;
}

/** An amount as a JSON number. @throws RangeError above 2^53-1: callers refuse such amounts before */
export function toAmount(value: Minor): number {
  if (value > largestAmount) throw new RangeError(`amount too large: ${value}`);
  return Number(value);
}
