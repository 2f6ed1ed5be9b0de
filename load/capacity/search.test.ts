import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Next, next, recoveryOf, type Tried } from "./search.ts";

/** Searches a target that holds exactly `capacity`. */
function found(
  capacity: number,
  start: number,
  most: number,
): Extract<Next, { kind: "end" }> & { steps: number } {
  const tried: Tried[] = [];
  for (;;) {
    const todo = next({ start, most }, tried);
    if (todo.kind === "end") return { ...todo, steps: tried.length };
    tried.push({ rate: todo.rate, held: todo.rate <= capacity });
    if (tried.length > 40) throw new Error("no end");
  }
}

describe("the search", () => {
  const anyRate = fc.integer({ min: 1, max: 1_000_000 }).map((n) => n / 100);

  test("encloses any capacity to an eighth, in few steps", () => {
    fc.assert(
      fc.property(anyRate, anyRate, fc.integer({ min: 1, max: 64 }), (capacity, start, times) => {
        const { ended, rate, failedRate, steps } = found(capacity, start, start * times);
        expect(steps).toBeLessThanOrEqual(16);
        if (ended === "found") {
          expect(rate).toBeLessThanOrEqual(capacity);
          expect(failedRate).toBeGreaterThan(capacity);
          expect((failedRate ?? 0) / (rate ?? 1)).toBeLessThanOrEqual(1.12);
        } else if (ended === "at-least") {
          expect(rate).toBe(start * times);
          expect(capacity).toBeGreaterThanOrEqual(start * times);
        } else expect(capacity).toBeLessThan(start / 8);
      }),
      { seed: 20_261_125 },
    );
  });

  test("what holds above a rate that failed is chance, and counts for nothing", () => {
    const tried = [
      { rate: 10, held: true },
      { rate: 20, held: false },
      { rate: 40, held: true },
    ];
    expect(next({ start: 10, most: 100 }, tried)).toEqual({ kind: "try", rate: Math.sqrt(200) });
  });
});

describe("recovery", () => {
  const every = (ms: number, bad: (dueMs: number) => boolean) =>
    Array.from({ length: 60 }, (_, i) => ({ dueMs: i * ms, bad: bad(i * ms) }));

  test("ends with the last half second that was too bad", () => {
    expect(
      recoveryOf(
        every(100, (ms) => ms >= 900 && ms < 2_300),
        1000,
        0.1,
      ),
    ).toBe(1500);
  });

  test("is instant when nothing was bad, and never when the end is", () => {
    expect(
      recoveryOf(
        every(100, (ms) => ms < 1000),
        1000,
        0.1,
      ),
    ).toBe(0);
    expect(
      recoveryOf(
        every(100, (ms) => ms > 5_000),
        1000,
        0.1,
      ),
    ).toBe(null);
    expect(recoveryOf([], 1000, 0.1)).toBe(null);
  });
});
