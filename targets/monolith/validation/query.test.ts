import { expect, test } from "vitest";
import { choice, cursor, filter, limit, mandatory, readQuery, time } from "./query.ts";

const shape = {
  status: filter(choice(["open", "paid"])),
  from: mandatory(time),
  limit: filter(limit),
  cursor: filter(cursor),
};
const bad = (search: string) =>
  readQuery(shape, search)
    .issues.map(({ parameter }) => parameter)
    .sort();

test("values are read and absent ones are undefined", () => {
  const { query, issues } = readQuery(shape, "from=2026-01-01T00%3A00%3A00%2B01%3A00&limit=100");
  expect(issues).toEqual([]);
  expect(query.limit).toBe(100);
  expect(query.from).toEqual(new Date("2025-12-31T23:00:00Z"));
  expect(query.status).toBeUndefined();
});

test("everything wrong is reported", () => {
  expect(bad("status=open&status=open&limit=0&cursor=&x=1&__proto__=1&=1")).toEqual([
    "(no name)",
    "__proto__",
    "cursor",
    "from",
    "limit",
    "status",
    "x",
  ]);
});

test.each(["0", "101", "01", "1.0", "1e1", "-1", "+1", " 1", "ten", "%00"])(
  "limit=%s is refused",
  (value) => {
    expect(bad(`from=2026-01-01T00:00:00Z&limit=${value}`)).toEqual(["limit"]);
  },
);
