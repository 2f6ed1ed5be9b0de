import { expect, test } from "vitest";
import { Problem } from "./problem.ts";
import {
  array,
  boolean,
  decimal,
  email,
  id,
  integer,
  money,
  object,
  oneOf,
  positiveDecimal,
  type Schema,
  text,
  time,
  uniqueSorted,
  validate,
} from "./schema.ts";

const pointersOf = (schema: Schema<unknown>, value: unknown): readonly string[] => {
  try {
    validate(schema, value);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.status).toBe(422);
    return (error.body.errors ?? []).map((fault) => ("pointer" in fault ? fault.pointer : "?")).sort();
  }
};
const accepts = (schema: Schema<unknown>, value: unknown): boolean => pointersOf(schema, value).length === 0;

test("lengths count code points, and texts stay as they are", () => {
  const three = text(1, 3);
  expect(validate(three, "😀😀😀")).toBe("😀😀😀");
  expect(validate(three, " a ")).toBe(" a ");
  expect(validate(three, "e\u0301")).toBe("e\u0301");
  for (const bad of ["", "😀😀😀😀", "a\0", "\ud800", "\udc00\ud800", 1, null, ["a"]])
    expect(accepts(three, bad)).toBe(false);
});

test.each([
  [integer(0, 10), [0, 10, 1.0, 1e1, -0], [-1, 11, 1.5, "1", null, true]],
  [money(), [0, Number.MAX_SAFE_INTEGER], [-1, JSON.parse("9007199254740993"), JSON.parse("1e400"), 0.1]],
  [boolean, [true, false], [0, "true", null]],
  [decimal, ["0", "0.5", "1.000000"], ["-1", "1.", "01", "1e2", 1, "1.0000001"]],
  [positiveDecimal, ["0.000001", "1"], ["0", "0.0", "0.000000"]],
  [time, ["2026-01-01T00:00:00Z"], ["2026-02-30T00:00:00Z", "", 0]],
  [email, ["a@b.c", "a+b@sub.example.com"], ["a@b", "@b.c", "ä@b.c", "a b@c.d", `${"a".repeat(65)}@b.c`]],
  [id("inv"), ["inv_1"], ["inv_", "sub_1", `inv_${"a".repeat(61)}`]],
  [oneOf(["a", "b"]), ["a"], ["c", "A", ""]],
] as [Schema<unknown>, unknown[], unknown[]][])("%# accepts and refuses", (schema, good, bad) => {
  for (const value of good) expect([value, accepts(schema, value)]).toEqual([value, true]);
  for (const value of bad) expect([value, accepts(schema, value)]).toEqual([value, false]);
});

test("all faults of a body are reported, each once, by RFC 6901", () => {
  const schema = object(
    { name: text(1, 3), items: array(object({ n: integer(1, 2) }), 1, 3) },
    { note: text(1, 3) },
  );
  expect(pointersOf(schema, { items: [{ n: 1 }, { n: 0, m: 1 }, 5], note: "", "x/~\u0000": 1 })).toEqual([
    "/items/1/m",
    "/items/1/n",
    "/items/2",
    "/name",
    "/note",
    "/x~1~0\u0000",
  ]);
  for (const value of [null, [], "", 0]) expect(pointersOf(schema, value)).toEqual([""]);
  expect(pointersOf(schema, JSON.parse('{"name":"a","items":[{"n":1}],"__proto__":1,"toString":2}'))).toEqual(
    ["/__proto__", "/toString"],
  );
});

test("arrays without repeats come out sorted", () => {
  const schema = uniqueSorted(oneOf(["a", "b", "c"]), 1, 3);
  expect(validate(schema, ["c", "a"])).toEqual(["a", "c"]);
  for (const bad of [[], ["a", "a"], "a"]) expect(pointersOf(schema, bad)).toEqual([""]);
  expect(pointersOf(schema, ["a", "x"])).toEqual(["/1"]);
});

test("values come out as the system uses them", () => {
  expect(validate(decimal, "10.10")).toBe("10.1");
  expect(validate(time, "2026-01-31T10:30:00+01:00")).toBe("2026-01-31T09:30:00.000Z");
  expect(Object.is(validate(integer(0, 1), -0), 0)).toBe(true);
});
