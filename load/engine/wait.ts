import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `clock` shows `ms`, never shorter, or until `over` is aborted. */
export async function waitUntil(ms: number, clock: () => number, over: AbortSignal): Promise<void> {
  // Timers count in whole milliseconds and may fire a fraction early.
  for (let left = ms - clock(); left > 0 && !over.aborted; left = ms - clock()) {
    await sleep(Math.ceil(left), undefined, { signal: over }).catch(() => undefined);
  }
}
