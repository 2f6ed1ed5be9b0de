/** A quantity at a price, as an invoice or a quote shows it. */
export interface PricedLine {
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: number;
  readonly taxAmount: number;
}

export interface Totals {
  readonly subtotal: number;
  readonly tax: number;
  readonly total: number;
}

const NO_DECIMALS = new Set(["JPY", "KRW", "CLP"]);
const THREE_DECIMALS = new Set(["KWD", "BHD", "TND"]);

/** A line as the documents compute it: exact, and rounded half to even at the amount and again at the tax. */
export function pricedLine(
  quantity: string,
  unitPrice: string,
  currency: string,
  taxRateBasisPoints: number,
): PricedLine {
  const exponent = NO_DECIMALS.has(currency) ? 0 : THREE_DECIMALS.has(currency) ? 3 : 2;
  const product = millionths(quantity) * millionths(unitPrice) * 10n ** BigInt(exponent);
  const amount = halfEven(product, 10n ** 12n);
  const taxAmount = halfEven(amount * BigInt(taxRateBasisPoints), 10_000n);
  return {
    quantity: canonical(quantity),
    unitPrice: canonical(unitPrice),
    amount: Number(amount),
    taxAmount: Number(taxAmount),
  };
}

/** Sums over lines. */
export function totals(lines: readonly Pick<PricedLine, "amount" | "taxAmount">[]): Totals {
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0);
  const tax = lines.reduce((sum, line) => sum + line.taxAmount, 0);
  return { subtotal, tax, total: subtotal + tax };
}

/** A decimal without trailing zeros behind the point. */
export function canonical(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

function millionths(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
}

export function halfEven(numerator: bigint, denominator: bigint): bigint {
  const floor = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const up = twice > denominator || (twice === denominator && floor % 2n === 1n);
  return up ? floor + 1n : floor;
}
