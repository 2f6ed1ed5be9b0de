import { expect, test } from "vitest";
import { mergePatch } from "./merge-patch.ts";

// RFC 7396, appendix A.
test.each([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
])("%j patched with %j", (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});

test("a member called __proto__ stays a member", () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')) as object;
  expect(Object.hasOwn(merged, "__proto__")).toBe(true);
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
});
