export interface Period {
  readonly periodStart: string;
  readonly periodEnd: string;
}

/** Boundary `n` of periods of so many months: counted from the start, clamped to the month's last day, UTC. */
export function boundary(startsAt: string, months: number, n: number): string {
  const start = new Date(startsAt);
  const month = start.getUTCMonth() + n * months;
  const last = new Date(Date.UTC(start.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const at = new Date(start);
  // The day first: 31 would carry a shorter month into the next one.
  at.setUTCDate(1);
  at.setUTCFullYear(start.getUTCFullYear(), month, Math.min(start.getUTCDate(), last));
  return at.toISOString();
}

/** The period that begins with boundary `n`. */
export function period(startsAt: string, months: number, n: number): Period {
  return {
    periodStart: boundary(startsAt, months, n),
    periodEnd: boundary(startsAt, months, n + 1),
  };
}

/** The period that contains an instant (milliseconds since 1970); before the start, the first. */
export function periodAt(startsAt: string, months: number, at: number): Period {
  let n = 0;
  while (Date.parse(boundary(startsAt, months, n + 1)) <= at) n += 1;
  return period(startsAt, months, n);
}
