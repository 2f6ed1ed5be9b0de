const decimals: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, CLP: 0, KWD: 3, BHD: 3, TND: 3 };

/** How an exact fraction becomes an integer of minor units. */
export type Round = (numerator: bigint, denominator: bigint) => bigint;

export const halfUp: Round = (numerator, denominator) => (2n * numerator + denominator) / (2n * denominator);
export const cutOff: Round = (numerator, denominator) => numerator / denominator;
/** As the contract rounds. */
export const halfEven: Round = (numerator, denominator) => {
  const [whole, twiceRest] = [numerator / denominator, 2n * (numerator % denominator)];
  const up = twiceRest > denominator || (twiceRest === denominator && whole % 2n === 1n);
  return up ? whole + 1n : whole;
};

export interface PricedLine {
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: number;
  readonly taxAmount: number;
}
/** What a quote and an invoice have in common. */
export interface Priced {
  readonly currency?: string;
  readonly taxRateBasisPoints?: number;
  readonly lines?: readonly PricedLine[];
}

/** Prices a line of a quote or an invoice again, rounding in another way. */
export function priceLine<L extends Pick<PricedLine, "quantity" | "unitPrice">>(
  line: L,
  { currency = "USD", taxRateBasisPoints = 0 }: Priced,
  round: Round,
): L & PricedLine {
  const exact = scaled(line.quantity) * scaled(line.unitPrice) * 10n ** BigInt(decimals[currency] ?? 2);
  const amount = round(exact, 10n ** 12n);
  const taxAmount = round(amount * BigInt(taxRateBasisPoints), 10_000n);
  return { ...line, amount: Number(amount), taxAmount: Number(taxAmount) };
}

/** Prices the lines of a quote or an invoice again, with their sums. */
export function reprice<T extends Priced>(body: T, round: Round): T {
  const lines = body.lines?.map((line) => priceLine(line, body, round));
  if (lines === undefined) return body;
  const sum = (name: "amount" | "taxAmount"): number => lines.reduce((total, line) => total + line[name], 0);
  const [subtotal, tax] = [sum("amount"), sum("taxAmount")];
  return { ...body, lines, subtotal, tax, total: subtotal + tax };
}

/** A decimal string in millionths. */
export function scaled(decimal: string): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

/** Millionths as a canonical decimal string. */
export function unscaled(millionths: bigint): string {
  const text = String(millionths).padStart(7, "0");
  const fraction = text.slice(-6).replace(/0+$/, "");
  return fraction === "" ? text.slice(0, -6) : `${text.slice(0, -6)}.${fraction}`;
}
