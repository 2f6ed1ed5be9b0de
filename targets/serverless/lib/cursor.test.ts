import fc from "fast-check";
import { expect, test } from "vitest";
import { readCursor, writeCursor } from "./cursor.ts";

const scope = fc.record({
  accountId: fc.string(),
  operation: fc.string(),
  filters: fc.dictionary(fc.string(), fc.string()),
});

test("a cursor leads back to its position", () => {
  fc.assert(
    fc.property(scope, fc.string({ unit: "binary" }), (of, position) => {
      expect(readCursor(of, writeCursor(of, position))).toBe(position.toWellFormed());
    }),
  );
});

test("a cursor belongs to its account, operation and filters", () => {
  fc.assert(
    fc.property(scope, scope, fc.string(), (of, other, position) => {
      const same = JSON.stringify([of.accountId, of.operation, Object.entries(of.filters).sort()]);
      fc.pre(
        same !== JSON.stringify([other.accountId, other.operation, Object.entries(other.filters).sort()]),
      );
      expect(readCursor(other, writeCursor(of, position))).toBeUndefined();
    }),
  );
});

test("a changed cursor is none", () => {
  const of = { accountId: "acc_1", operation: "listPlans", filters: {} };
  const cursor = writeCursor(of, "plan_123");
  for (const bad of ["", "x", cursor.slice(1), `${cursor}A`, cursor.replace(/.$/, "-"), `${cursor}=`])
    expect(readCursor(of, bad)).toBeUndefined();
});

test("the order of filters does not matter", () => {
  const of = (filters: Record<string, string>) => ({ accountId: "a", operation: "o", filters });
  expect(readCursor(of({ b: "2", a: "1" }), writeCursor(of({ a: "1", b: "2" }), "p"))).toBe("p");
});
