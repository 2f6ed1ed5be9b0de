/** `2026-01-31T09:30:00.000Z`: UTC, always milliseconds. */
export const formatTime = (instant: Date): string => instant.toISOString();

const pattern =
  /^([12][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,3})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

/**
 * Reads an RFC 3339 time with an upper case T and Z and at most milliseconds.
 *
 * @returns the instant, or why it is none: ill-formed, not in the calendar, or not in the years 1970-2999 (UTC)
 */
export function parseTime(text: string): Date | string {
  const match = pattern.exec(text);
  if (match === null) return "must be an RFC 3339 time such as 2026-01-31T09:30:00.000Z";
  const [, year, month, day] = match;
  if (Number(day) > daysInMonth(Number(year), Number(month) - 1)) return "must be a real calendar date";
  const instant = new Date(text);
  const utcYear = instant.getUTCFullYear();
  return utcYear >= 1970 && utcYear <= 2999 ? instant : "must lie in the years 1970 to 2999, UTC";
}

/** Days of a month of the Gregorian calendar; `month` counts from 0. */
export const daysInMonth = (year: number, month: number): number =>
  new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
