import fc from "fast-check";
import { expect, test } from "vitest";
import { join, replaceAt, toFragment, tokens, valueAt } from "./pointer.ts";

test("any path survives its pointer", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      expect(tokens(join("", ...names))).toEqual(names);
    }),
  );
});

test("what is put at a pointer is found there, and the original is untouched", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.jsonValue(), (outer, inner, value) => {
      const root = { [outer]: { [inner]: "before" } };
      const pointer = join("", outer, inner);
      expect(valueAt(replaceAt(root, pointer, value), pointer)).toEqual(value);
      expect(valueAt(root, pointer)).toBe("before");
    }),
  );
});

test("the examples of RFC 6901, sections 5 and 6", () => {
  const root = { foo: ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, " ": 7, "m~n": 8 };
  expect(["/foo/0", "/", "/a~1b", "/c%d", "/ ", "/m~0n"].map((pointer) => valueAt(root, pointer))).toEqual([
    "bar",
    0,
    1,
    2,
    7,
    8,
  ]);
  expect(toFragment("/c%d")).toBe("/c%25d");
  expect(valueAt(root, "/toString")).toBeUndefined();
});
