/** Background work that is looked for when somebody says there is some, and now and then anyway. */
export interface Worker {
  /** There may be work now. */
  wake(): void;
  /** Takes no more work and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Runs `step` until it answers that there is nothing to do.
 *
 * @param options.runners how many steps may run at once
 * @param options.sweepMs how often to look without being woken: for work that became due, or that a crash or
 *   another process left behind
 */
export function startWorker(options: {
  readonly runners: number;
  readonly sweepMs: number;
  readonly step: () => Promise<boolean>;
}): Worker {
  const running = new Set<Promise<void>>();
  let stopping = false;
  let asked = 0;

  async function work(): Promise<void> {
    let seen: number;
    do {
      seen = asked;
      while (!stopping && (await options.step()));
      // Work announced while the last look came back empty may have been committed after it.
    } while (!stopping && seen !== asked);
  }

  function wake(): void {
    asked += 1;
    if (stopping || running.size >= options.runners) return;
    const run = work()
      .catch((error: unknown) => {
        console.error(JSON.stringify({ level: "error", message: `background work: ${String(error)}` }));
      })
      .finally(() => running.delete(run));
    running.add(run);
  }

  const sweep = setInterval(wake, options.sweepMs);
  wake();
  return {
    wake,
    async stop() {
      stopping = true;
      clearInterval(sweep);
      await Promise.all(running);
    },
  };
}
