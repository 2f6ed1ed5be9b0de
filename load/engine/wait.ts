import { setImmediate as immediately, setTimeout as sleep } from "node:timers/promises";

/** Waits until `clock` shows `ms`, never shorter, or until `over` is aborted. */
export async function waitUntil(ms: number, clock: () => number, over: AbortSignal): Promise<void> {
  // Timers count in whole milliseconds and may fire a fraction early.
  for (let left = ms - clock(); left > 0 && !over.aborted; left = ms - clock()) {
    await sleep(Math.ceil(left), undefined, { signal: over }).catch(() => undefined);
  }
}

/** After so many arrivals in a row, replies have their turn: else a late generator would never read any. */
const BURST = 32;

/**
 * Calls `arrive` for each time when it has come, at most about a millisecond late while the event loop is free, and
 * without spinning: that would take the core from what is measured.
 */
export async function paced(
  times: Float64Array,
  clock: () => number,
  over: AbortSignal,
  arrive: (index: number, dueMs: number) => void,
): Promise<void> {
  let burst = 0;
  for (const [index, dueMs] of times.entries()) {
    if (dueMs > clock()) {
      burst = 0;
      await waitUntil(dueMs, clock, over);
    } else if (++burst % BURST === 0) await immediately();
    if (over.aborted) return;
    arrive(index, dueMs);
  }
}
