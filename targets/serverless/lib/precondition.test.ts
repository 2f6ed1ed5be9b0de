import { expect, test } from "vitest";
import { requireMatch } from "./precondition.ts";
import { Problem } from "./problem.ts";

const statusOf = (ifMatch: string | undefined): number => {
  try {
    requireMatch(ifMatch, 3);
    return 200;
  } catch (error) {
    if (error instanceof Problem) return error.status;
    throw error;
  }
};

test.each([
  ['"v3"', 200],
  ["*", 200],
  ['"v1", "v3"', 200],
  ['"a,b" ,"v3"', 200],
  [undefined, 428],
  ['"v2"', 412],
  ['W/"v3"', 412],
  ['W/"v3", "v4"', 412],
  ["v3", 412],
  ["", 412],
  ['"*"', 412],
  ['"v33"', 412],
])("If-Match %j against version 3 is %i", (ifMatch, status) => expect(statusOf(ifMatch)).toBe(status));
