import fc from "fast-check";
import { expect, test } from "vitest";
import { isId, newApiKey, newId } from "./ids.ts";

test("ids have the documented form", () => {
  expect(newId("plan", Date.now())).toMatch(/^plan_[A-Za-z0-9]{20,40}$/);
  expect(newApiKey()).toMatch(/^ck_[A-Za-z0-9]{32,}$/);
});

test("ids sort by their instant", () => {
  const instant = fc.integer({ min: 0, max: 32_503_680_000_000 });
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      fc.pre(a !== b);
      expect(newId("sub", a) < newId("sub", b)).toBe(a < b);
    }),
  );
});

test("only the form of the kind is an id", () => {
  expect(isId("inv", "inv_a9Z")).toBe(true);
  for (const text of ["inv_", "inv", "sub_a", "inv_a b", "inv_é", "inv_a\n", `inv_${"a".repeat(64)}`])
    expect(isId("inv", text)).toBe(false);
});
