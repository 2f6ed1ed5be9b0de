import { expect, test } from "vitest";
import { Random } from "../random.ts";
import { textFor } from "./pattern.ts";

const patterns = [
  "^(0|[1-9][0-9]{0,17})(\\.[0-9]{1,6})?$",
  "^inv_[A-Za-z0-9]+$",
  "^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){1,4}$",
  "^#[0-9a-f]{6}$",
  "^\\d{1,12}\\.\\d{2}$",
  "^[^/?]+(?:x|yz)?\\s*$",
  "^[A-Z]{2}$",
];

test.each(patterns)("what is made for %s matches it, and one seed makes the same", (pattern) => {
  const made = (): readonly (string | undefined)[] => {
    const random = new Random(7, pattern);
    return Array.from({ length: 50 }, () => textFor(pattern, random));
  };
  const texts = made();
  for (const text of texts) expect(text).toMatch(new RegExp(pattern, "u"));
  expect(new Set(texts).size).toBeGreaterThan(1);
  expect(made()).toEqual(texts);
});

test("what it does not understand it leaves to others", () => {
  expect(textFor("^(?=a)b$", new Random(1, ""))).toBeUndefined();
  expect(textFor("(a)\\1", new Random(1, ""))).toBeUndefined();
  expect(textFor("[a-", new Random(1, ""))).toBeUndefined();
});
