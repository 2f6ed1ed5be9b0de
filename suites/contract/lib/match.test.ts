import { expect, test } from "vitest";
import { ABSENT, anId, differences, justNow, notBefore, oneOf } from "./match.ts";

test("equal values have no differences", () => {
  expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
});

test.each([
  ["another value", { a: 1 }, { a: 2 }, "/a"],
  ["a number as text", { a: "1" }, { a: 1 }, "/a"],
  ["an extra member", { a: 1, b: 2 }, { a: 1 }, "/b"],
  ["a missing member", {}, { a: 1 }, "/a"],
  ["null for absent", { a: null }, {}, "/a"],
  ["null where it should be gone", { a: null }, { a: undefined }, "/a"],
  ["a longer list", { a: [1, 2] }, { a: [1] }, "/a"],
  ["another order", [1, 2], [2, 1], "/0"],
  ["an object for a list", { a: {} }, { a: [] }, "/a"],
  ["a name that needs escaping", { "a/b~": 1 }, { "a/b~": 2 }, "/a~1b~0"],
  ["minus zero", { a: -0 }, { a: 0 }, "/a"],
])("%s is a difference", (_, got, wanted, pointer) => {
  expect(differences(got, wanted)[0]?.pointer).toBe(pointer);
});

test("a member that is undefined has to be absent", () => {
  expect(differences({}, { a: undefined })).toEqual([]);
  expect(differences({ a: 1 }, { a: undefined })).toEqual([{ pointer: "/a", got: 1, wanted: ABSENT }]);
});

test("matchers judge what cannot be known before", () => {
  const now = new Date();
  const later = new Date(now.getTime() + 1).toISOString();
  expect(differences({ id: `plan_${"a".repeat(20)}` }, { id: anId("plan") })).toEqual([]);
  expect(differences({ id: "plan_1" }, { id: anId("plan") })).toHaveLength(1);
  expect(differences(now.toISOString(), justNow())).toEqual([]);
  expect(differences(now.toISOString().replace("Z", "+00:00"), justNow())).toHaveLength(1);
  expect(differences(new Date(now.getTime() - 3_600_000).toISOString(), justNow())).toHaveLength(1);
  expect(differences(now.toISOString(), notBefore(later))).toHaveLength(1);
  expect(differences("b", oneOf("a", "b"))).toEqual([]);
  expect(differences(ABSENT, oneOf("a", "b"))).toHaveLength(1);
});
