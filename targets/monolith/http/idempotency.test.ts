import { expect, test } from "vitest";
import { fingerprintOf } from "./idempotency.ts";

const same = (a: unknown, b: unknown) => fingerprintOf({}, a).equals(fingerprintOf({}, b));

test("the order of members does not matter, that of items does", () => {
  expect(same({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
});

test("numbers compare by value, types apart", () => {
  expect(same(JSON.parse("[1.0, 1e2]"), JSON.parse("[1, 100]"))).toBe(true);
  expect(same(1, "1")).toBe(false);
  expect(same(null, "null")).toBe(false);
});

test("the path counts", () => {
  expect(fingerprintOf({ invoiceId: "inv_a" }, {}).equals(fingerprintOf({ invoiceId: "inv_b" }, {}))).toBe(
    false,
  );
});

test("a body of any depth has a fingerprint", () => {
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000)) as unknown;
  expect(fingerprintOf({}, deep)).toHaveLength(32);
});
