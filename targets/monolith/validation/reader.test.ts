import { describe, expect, test } from "vitest";
import { array, defaulted, Issues, object, optional, type Reader, refused, required } from "./reader.ts";
import { boolean, decimal, email, instant, integer, oneOf, set, text } from "./scalars.ts";

function judge<T>(reader: Reader<T>, value: unknown): { result: T | typeof refused; pointers: string[] } {
  const issues = new Issues();
  const result = reader(value, "", issues);
  return { result, pointers: issues.list.map(({ pointer }) => pointer).sort() };
}

const person = object({
  name: required(text(1, 3)),
  age: defaulted(integer(0, 150), 18),
  tags: optional(array(oneOf(["a", "b"]), 1, 2)),
});

describe("objects", () => {
  test("every bad place is named, once", () => {
    expect(judge(person, { age: -1, tags: ["a", "x", 1], "a/b~c": 1, "\ud800": 2 }).pointers).toEqual([
      "/age",
      "/a~1b~0c",
      "/name",
      "/tags",
      "/tags/1",
      "/tags/2",
      "/\ud800",
    ]);
  });

  test("defaults fill what is absent, and null is not absent", () => {
    expect(judge(person, { name: "Ada" }).result).toEqual({ name: "Ada", age: 18 });
    expect(judge(person, { name: "Ada", age: null }).pointers).toEqual(["/age"]);
  });

  test("a member called __proto__ is unknown like any other", () => {
    expect(judge(person, JSON.parse('{"name":"Ada","__proto__":{"age":1}}')).pointers).toEqual([
      "/__proto__",
    ]);
  });

  test.each([[], "x", null, 7])("%j is no object", (value) => {
    expect(judge(person, value)).toEqual({ result: refused, pointers: [""] });
  });
});

describe("scalars", () => {
  test("text counts code points and keeps what was sent", () => {
    expect(judge(text(1, 3), "😀😀😀").result).toBe("😀😀😀");
    expect(judge(text(1, 3), "😀😀😀😀").result).toBe(refused);
    expect(judge(text(2, 3), "😀").result).toBe(refused);
    expect(judge(text(1, 3), " e\u0301").result).toBe(" e\u0301");
  });

  test.each(["\0", "a\0", "\ud800", "\udc00\ud800"])("%j cannot be stored", (value) => {
    expect(judge(text(0, 9), value).result).toBe(refused);
  });

  test("integers may be written in any way, but must be exact", () => {
    expect(judge(integer(0, 100), JSON.parse("1e2")).result).toBe(100);
    expect(judge(integer(0, 100), JSON.parse("1.0")).result).toBe(1);
    expect(Object.is(judge(integer(0, 100), JSON.parse("-0")).result, 0)).toBe(true);
    const most = Number.MAX_SAFE_INTEGER;
    expect(judge(integer(0, most), JSON.parse("9007199254740991")).result).toBe(most);
    for (const bad of ["9007199254740992", "9007199254740993", "1e400", "1.5", "true", '"1"', "null"])
      expect(judge(integer(0, most), JSON.parse(bad)).result, bad).toBe(refused);
  });

  test("sets are sorted and do not repeat", () => {
    expect(judge(set(["b", "a"], 1, 2), ["b", "a"]).result).toEqual(["a", "b"]);
    expect(judge(set(["b", "a"], 1, 9), ["a", "a"]).pointers).toEqual([""]);
    expect(judge(set(["b", "a"], 1, 2), []).pointers).toEqual([""]);
  });

  test.each(["a@b", "a b@c.de", "a@b..de", "@b.de", `${"a".repeat(65)}@b.de`, "a@b.de\n"])(
    "%j is no e-mail address",
    (value) => expect(judge(email, value).result).toBe(refused),
  );

  test("other types are refused, not converted", () => {
    expect(judge(boolean, "true").result).toBe(refused);
    expect(judge(decimal, 1).result).toBe(refused);
    expect(judge(decimal, "0").result).toBe(0n);
    expect(judge(instant, 0).result).toBe(refused);
  });
});
