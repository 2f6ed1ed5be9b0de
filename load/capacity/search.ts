import type { ResolvedCapacity } from "../../gates/config.ts";

export interface Tried {
  readonly rate: number;
  readonly held: boolean;
}

/** The search ends when the lowest rate that failed is within this of the highest that held. */
const RESOLUTION = 1.12;
/** A target that does not hold this share of the first rate is not searched any further. */
const LEAST = 1 / 16;

export type Next =
  | { readonly kind: "try"; readonly rate: number }
  | {
      readonly kind: "end";
      readonly ended: "found" | "at-least" | "below";
      readonly rate: number | null;
      readonly failedRate?: number;
    };

/**
 * What to try after `tried`: doubles until a rate fails, halves until one holds, then takes the geometric middle. A
 * rate that held above one that failed counts for nothing: capacity is what holds all the way up.
 */
export function next(
  { start, most }: Pick<ResolvedCapacity, "start" | "most">,
  tried: readonly Tried[],
): Next {
  const failed = Math.min(...tried.filter(({ held }) => !held).map(({ rate }) => rate));
  const held = Math.max(...tried.filter((one) => one.held && one.rate < failed).map(({ rate }) => rate));
  const anyFailed = Number.isFinite(failed);
  const anyHeld = Number.isFinite(held);
  if (!anyFailed && !anyHeld) return { kind: "try", rate: Math.min(start, most) };
  if (!anyFailed) {
    return held >= most
      ? { kind: "end", ended: "at-least", rate: held }
      : { kind: "try", rate: Math.min(held * 2, most) };
  }
  if (!anyHeld) {
    return failed / 2 < start * LEAST
      ? { kind: "end", ended: "below", rate: null, failedRate: failed }
      : { kind: "try", rate: failed / 2 };
  }
  return failed / held <= RESOLUTION
    ? { kind: "end", ended: "found", rate: held, failedRate: failed }
    : { kind: "try", rate: Math.sqrt(held * failed) };
}

/** One request, as far as an objective is concerned. */
export interface Seen {
  readonly dueMs: number;
  readonly bad: boolean;
}

const WINDOW_MS = 500;

/**
 * How long after `endMs`, when a burst ended, the objective held again for good: the end of the last window of half
 * a second in which more were bad than allowed. Null when that is the last window there is.
 */
export function recoveryOf(seen: readonly Seen[], endMs: number, allowed: number): number | null {
  const windows = new Map<number, { n: number; bad: number }>();
  for (const { dueMs, bad } of seen) {
    if (dueMs < endMs) continue;
    const index = Math.floor((dueMs - endMs) / WINDOW_MS);
    const window = windows.get(index) ?? { n: 0, bad: 0 };
    windows.set(index, { n: window.n + 1, bad: window.bad + (bad ? 1 : 0) });
  }
  const last = Math.max(-1, ...windows.keys());
  const lastBad = Math.max(
    -1,
    ...[...windows].filter(([, { n, bad }]) => bad / n > allowed).map(([index]) => index),
  );
  if (last < 0 || lastBad === last) return null;
  return (lastBad + 1) * WINDOW_MS;
}
