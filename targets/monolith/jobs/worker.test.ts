import { expect, test } from "vitest";
import { startWorker } from "./worker.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("work announced while the last look comes back empty is still done", async () => {
  let due = 0;
  let done = 0;
  const worker = startWorker({
    runners: 1,
    sweepMs: 3_600_000,
    step: async () => {
      const taken = due > 0;
      await turn(); // what is committed from here on was not seen by this look
      if (!taken) return false;
      due -= 1;
      done += 1;
      return true;
    },
  });
  for (let i = 0; i < 50; i += 1) {
    due += 1;
    worker.wake();
    await turn();
  }
  while (due > 0) await turn();
  await worker.stop();
  expect(done).toBe(50);
});

test("no more than the given number run at once, and stopping waits for them", async () => {
  let running = 0;
  let most = 0;
  let left = 20;
  const worker = startWorker({
    runners: 3,
    sweepMs: 3_600_000,
    step: async () => {
      if (left === 0) return false;
      left -= 1;
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      return true;
    },
  });
  for (let i = 0; i < 10; i += 1) worker.wake();
  await turn();
  await worker.stop();
  expect(most).toBe(3);
  expect(running).toBe(0);
  worker.wake();
  expect(running).toBe(0);
});
