import { expect, test } from "vitest";
import { SharedLock } from "./lock.ts";

test("shared work overlaps, exclusive work is alone, and neither starves the other", async () => {
  const lock = new SharedLock();
  let shared = 0;
  let exclusive = 0;
  let most = 0;
  const order: string[] = [];
  const work = (mode: "shared" | "exclusive", name: string) =>
    lock.run(mode, async () => {
      if (mode === "shared") shared++;
      else exclusive++;
      most = Math.max(most, shared);
      expect(exclusive === 0 || (exclusive === 1 && shared === 0)).toBe(true);
      await new Promise(setImmediate);
      if (mode === "shared") shared--;
      else exclusive--;
      order.push(name);
    });
  await Promise.all([
    work("shared", "s1"),
    work("shared", "s2"),
    work("exclusive", "x1"),
    work("shared", "s3"),
    work("exclusive", "x2"),
  ]);
  expect(most).toBe(2);
  expect(order).toEqual(["s1", "s2", "x1", "s3", "x2"]);
});

test("work that throws gives the lock back", async () => {
  const lock = new SharedLock();
  await expect(lock.run("exclusive", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await lock.run("exclusive", async () => 1)).toBe(1);
});
