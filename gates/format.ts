/** Numbers for people. Bounds round away from the estimate, so that no rounding makes one look better. */
export type Rounding = "near" | "up" | "down";

/** 12345 → "12,345". */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** Three significant digits: 0.03124 → "0.0312 ms", 1234.5 → "1,230 ms". */
export function formatMs(value: number, rounding: Rounding = "near"): string {
  return `${digits(value, rounding)} ms`;
}

/** A share as a percentage with three significant digits: 0.00002 → "0.002 %". */
export function formatShare(value: number, rounding: Rounding = "near"): string {
  return `${digits(value * 100, rounding)} %`;
}

/** Arrivals or requests a second: 41.25 → "41.3 /s". */
export function formatRate(value: number, rounding: Rounding = "near"): string {
  return `${digits(value, rounding)} /s`;
}

/** A ratio as a factor: 1.0817 → "1.08 ×". */
export function formatRatio(value: number, rounding: Rounding = "near"): string {
  return `${digits(value, rounding)} ×`;
}

/** "1 request", "2 requests". */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

/** The first few of many: "a, b, c and 4 more". */
export function some(items: readonly string[], most = 5): string {
  const rest = items.length - most;
  return rest > 0 ? `${items.slice(0, most).join(", ")} and ${rest} more` : items.join(", ");
}

function digits(value: number, rounding: Rounding): string {
  if (value === 0) return "0";
  const scale = 10 ** (2 - Math.floor(Math.log10(Math.abs(value))));
  const scaled = value * scale;
  // What is a three-digit number but for binary rounding must not be pushed to the next one.
  const whole = Math.abs(scaled - Math.round(scaled)) < 1e-6 || rounding === "near";
  const rounded = whole ? Math.round(scaled) : rounding === "up" ? Math.ceil(scaled) : Math.floor(scaled);
  return (rounded / scale).toLocaleString("en-US", { maximumSignificantDigits: 6 });
}
