import { expect, test } from "vitest";
import { etagOf, requireMatch } from "./etag.ts";
import type { Problem } from "./problem.ts";

const representation = { id: "plan_1", name: "Team" };
const tag = etagOf(representation);

function statusOf(ifMatch: string | undefined): number {
  try {
    requireMatch(ifMatch, representation);
    return 200;
  } catch (error) {
    return (error as Problem).status;
  }
}

test("a tag is strong, quoted and follows the representation", () => {
  expect(tag).toMatch(/^"[\x21\x23-\x7e]+"$/);
  expect(etagOf({ ...representation })).toBe(tag);
  expect(etagOf({ ...representation, name: "Teams" })).not.toBe(tag);
});

test.each([
  [undefined, 428],
  [tag, 200],
  ["*", 200],
  [`"other", ${tag}`, 200],
  [`W/"x",${tag} , "y"`, 200],
  [`W/${tag}`, 412],
  ['"other"', 412],
  ["", 412],
  [tag.slice(1, -1), 412],
  [`"*"`, 412],
])("If-Match: %s answers %d", (ifMatch, status) => expect(statusOf(ifMatch)).toBe(status));
