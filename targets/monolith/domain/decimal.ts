/** A decimal as a whole number of millionths: exact, and all that six fractional digits can say. */
export type Millionths = bigint;

export const one: Millionths = 1_000_000n;
const pattern = /^(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,6}))?$/;
const stored = /^([0-9]+)(?:\.([0-9]{1,6})0*)?$/;

/** Reads a decimal of a request: at most 18 digits and 6 fractional ones; `undefined` when it is none. */
export function parseDecimal(text: string): Millionths | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : fromParts(match);
}

/** Reads what PostgreSQL answers for NUMERIC, sums of more than 18 digits included. */
export function fromNumeric(text: string): Millionths {
  const match = stored.exec(text);
  if (match === null) throw new RangeError(`not a decimal of this API: ${text}`);
  return fromParts(match);
}

/** Canonical: no trailing fractional zeros, no bare point. */
export function formatDecimal(value: Millionths): string {
  const fraction = (value % one).toString().padStart(6, "0").replace(/0+$/, "");
  return fraction === "" ? `${value / one}` : `${value / one}.${fraction}`;
}

const fromParts = (match: RegExpExecArray): Millionths =>
  BigInt(match[1] ?? "0") * one + BigInt((match[2] ?? "").padEnd(6, "0"));
