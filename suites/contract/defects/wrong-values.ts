import type { Fault } from "./fault.ts";

const HOUR = 3_600_000;

/** Another value of the same type, which the schema would accept in place of the right one. */
export function otherValue(right: unknown, fault: Extract<Fault, { kind: "other-value" }>): unknown {
  if (right === undefined) return undefined;
  switch (fault.as) {
    case "enum":
      return fault.values?.find((value) => value !== right) ?? right;
    case "money":
    case "count":
      return (right as number) + (right === Number.MAX_SAFE_INTEGER || right === 10_000 ? -1 : 1);
    case "decimal":
      return String(right).includes(".") ? String(right).split(".")[0] : `${right}.5`;
    case "time":
      return new Date(Date.parse(String(right)) + HOUR).toISOString();
    case "flag":
      return right !== true;
    case "id":
      return `${String(right).slice(0, -1)}${String(right).endsWith("0") ? "1" : "0"}`;
    case "text":
      // Text may have a pattern; turning letters' case round keeps most of them and is still another text.
      return String(right).replace(/[a-z]/i, (letter) =>
        letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
      );
  }
}

const decimals: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, CLP: 0, KWD: 3, BHD: 3, TND: 3 };

interface Priced {
  readonly currency?: string;
  readonly taxRateBasisPoints?: number;
  readonly lines?: readonly { readonly quantity: string; readonly unitPrice: string }[];
}

/** Prices the lines of a quote or an invoice again, rounding half up where the contract rounds half to even. */
export function roundHalfUp(body: unknown): unknown {
  const { currency = "USD", taxRateBasisPoints = 0, lines } = body as Priced;
  if (lines === undefined) return body;
  const priced = lines.map((line) => {
    const exact = scaled(line.quantity) * scaled(line.unitPrice) * 10n ** BigInt(decimals[currency] ?? 2);
    const amount = halfUp(exact, 10n ** 12n);
    return { ...line, amount, taxAmount: halfUp(BigInt(amount) * BigInt(taxRateBasisPoints), 10_000n) };
  });
  const sum = (name: "amount" | "taxAmount"): number => priced.reduce((total, line) => total + line[name], 0);
  const [subtotal, tax] = [sum("amount"), sum("taxAmount")];
  return { ...(body as object), lines: priced, subtotal, tax, total: subtotal + tax };
}

/** A decimal string in millionths. */
function scaled(decimal: string): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

function halfUp(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator));
}
