import { daysInMonth } from "./time.ts";

export type Interval = "month" | "year";

/** Billing period, half open: [start, end). */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

/**
 * Boundary `n` of the periods that begin at `anchor`: n months or years later, on the anchor's day or the
 * month's last, at the anchor's time of day. Always counted from the anchor, so 31 January, 28 February, 31 March.
 */
export function boundary(anchor: Date, interval: Interval, n: number): Date {
  const months = anchor.getUTCMonth() + (interval === "month" ? n : 12 * n);
  const year = anchor.getUTCFullYear() + Math.floor(months / 12);
  const month = ((months % 12) + 12) % 12;
  const result = new Date(anchor);
  result.setUTCFullYear(year, month, Math.min(anchor.getUTCDate(), daysInMonth(year, month)));
  return result;
}

/** The period that holds `instant`; before the anchor, the first one. */
export function periodAt(anchor: Date, interval: Interval, instant: Date): Period {
  const elapsed =
    (instant.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + instant.getUTCMonth() - anchor.getUTCMonth();
  // The month difference is the answer or one too many, when the anchor's day is not reached yet.
  let n = Math.max(0, interval === "month" ? elapsed : Math.floor(elapsed / 12));
  while (n > 0 && boundary(anchor, interval, n) > instant) n -= 1;
  return { start: boundary(anchor, interval, n), end: boundary(anchor, interval, n + 1) };
}
