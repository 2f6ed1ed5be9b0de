import { divideHalfEven, formatDecimal, parseDecimal } from "./decimal.ts";

/** How many decimals a currency has (ISO 4217). */
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
export const currencies = Object.keys(exponents) as readonly Currency[];

/** A quantity priced: canonical decimals, the unit price in major units. */
export interface Rate {
  readonly quantity: string;
  readonly unitPrice: string;
}

/** A rate with its amounts in minor units. */
export interface Line extends Rate {
  readonly amount: number;
  readonly taxAmount: number;
}

export interface Totals {
  readonly subtotal: number;
  readonly tax: number;
  readonly total: number;
}

/** Thrown when a result passes 2^53 − 1; the caller knows which refusal that is. */
export class AmountTooLarge extends Error {
  override readonly name = "AmountTooLarge";
}

const decimalsOf = (currency: Currency): bigint => 10n ** BigInt(exponents[currency]);

function money(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new AmountTooLarge(`${value} is above 2^53 - 1`);
  return Number(value);
}

/** Minor units as a canonical decimal in major units: 4905 USD is "49.05". */
export const toMajor = (minor: number, currency: Currency): string =>
  formatDecimal((BigInt(minor) * 1_000_000n) / decimalsOf(currency));

/** Amount and tax of one line, each rounded half to even. @throws AmountTooLarge */
export function priceLine(rate: Rate, currency: Currency, taxRateBasisPoints: number): Line {
  const exact = parseDecimal(rate.quantity) * parseDecimal(rate.unitPrice) * decimalsOf(currency);
  const amount = divideHalfEven(exact, 10n ** 12n);
  const tax = divideHalfEven(amount * BigInt(taxRateBasisPoints), 10_000n);
  return { ...rate, amount: money(amount), taxAmount: money(tax) };
}

/** Sums over lines. @throws AmountTooLarge */
export function totalsOf(lines: readonly Pick<Line, "amount" | "taxAmount">[]): Totals {
  const sum = (pick: (line: Pick<Line, "amount" | "taxAmount">) => number): bigint =>
    lines.reduce((all, line) => all + BigInt(pick(line)), 0n);
  const subtotal = sum((line) => line.amount);
  const tax = sum((line) => line.taxAmount);
  return { subtotal: money(subtotal), tax: money(tax), total: money(subtotal + tax) };
}
