import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valueAt } from "../model/pointer.ts";
import { jsonTraps } from "./json.ts";

describe("what JSON.parse hides is found, with its pointer", () => {
  test.each([
    ["9007199254740991", []],
    ["9007199254740992", [""]],
    ['{"a": [1, {"b/c": -9007199254740993}]}', ["/a/1/b~1c"]],
    ["[1e15, 1E16, 1.5e-300, 0.1000000000000000055, 1e400]", ["/1", "/4"]],
    ['{"a": 1, "b": {"a": 2}, "a": 3}', ["/a"]],
    ['{"a": 1, "\\u0061": 2}', ["/a"]],
    ['["\\ud800", "\\ud83d\\ude00", "\\\\ud800", "\\""]', ["/0"]],
    ['"a\\\\" ', []],
    ['\n{\t"a" : [ ] , "b" : { } , "c":[ true , false , null ]\r}', []],
  ])("%s", (text, pointers) => {
    expect(jsonTraps(text).map((trap) => trap.pointer)).toEqual(pointers);
  });

  test("JSON without them is never accused, however it is laid out", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const suspicious = jsonTraps(text).filter(({ pointer }) => {
          const there = valueAt(JSON.parse(text), pointer);
          return !(typeof there === "number" && Math.abs(there) > Number.MAX_SAFE_INTEGER);
        });
        expect(suspicious.filter((trap) => !trap.wanted.includes("surrogate"))).toEqual([]);
      }),
    );
  });

  test("an integer beyond 2^53 is found wherever it stands", () => {
    const place = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(place, fc.bigInt({ min: 2n ** 53n, max: 10n ** 30n }), (names, big) => {
        const text = names.reduceRight(
          (inner, name) => `{"x": 1, ${JSON.stringify(`y${name}`)}: ${inner}}`,
          `${big}`,
        );
        expect(jsonTraps(text)).toHaveLength(1);
      }),
    );
  });
});
