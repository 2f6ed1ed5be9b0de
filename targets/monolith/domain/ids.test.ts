import { expect, test } from "vitest";
import { isId, newId, randomText } from "./ids.ts";

test("ids have their prefix and enough chance", () => {
  const ids = new Set(Array.from({ length: 2000 }, () => newId("inv")));
  expect(ids.size).toBe(2000);
  for (const id of ids) expect(id).toMatch(/^inv_[A-Za-z0-9]{24}$/);
});

test("every letter and digit occurs", () => {
  expect(new Set(randomText(5000)).size).toBe(62);
});

test.each(["inv_", "inv_a-b", "inv_a b", "plan_abc", "inv_a\0", "inv_a\n", `inv_${"a".repeat(61)}`, ""])(
  "%j is no invoice id",
  (text) => expect(isId("inv", text)).toBe(false),
);
