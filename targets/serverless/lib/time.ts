const pattern =
  /^([12][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$/;
const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(3000, 0, 1);

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** RFC 3339 → milliseconds; undefined if ill-formed, not in the calendar, or outside UTC years 1970–2999. */
export function parseTime(text: string): number | undefined {
  const match = pattern.exec(text);
  if (!match || Number(match[3]) > daysIn(Number(match[1]), Number(match[2]) - 1)) return undefined;
  const at = Date.parse(text);
  return at >= earliest && at < latest ? at : undefined;
}

/** Milliseconds → `YYYY-MM-DDTHH:MM:SS.sssZ`; for these years texts sort as instants do. */
export const formatTime = (ms: number): string => new Date(ms).toISOString();

export type Interval = "month" | "year";

/** A period, half open, in milliseconds. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** Boundary n: `startsAt` plus n intervals, the day clamped to the month's last, always counted from `startsAt`. */
export function boundary(startsAt: number, interval: Interval, n: number): number {
  const start = new Date(startsAt);
  const months = start.getUTCFullYear() * 12 + start.getUTCMonth() + n * (interval === "month" ? 1 : 12);
  const [year, month] = [Math.floor(months / 12), months % 12];
  const day = Math.min(start.getUTCDate(), daysIn(year, month));
  return Date.UTC(year, month, day) + (startsAt % 86_400_000);
}

/** The period that contains `at`; before `startsAt` the first. */
export function periodAt(startsAt: number, interval: Interval, at: number): Period {
  const [from, to] = [new Date(startsAt), new Date(Math.max(at, startsAt))];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  let n = Math.floor(months / (interval === "month" ? 1 : 12));
  if (boundary(startsAt, interval, n) > Math.max(at, startsAt)) n -= 1;
  return { start: boundary(startsAt, interval, n), end: boundary(startsAt, interval, n + 1) };
}
