import { expect, test } from "vitest";
import { SortKeys } from "./sort-keys.ts";

const at = (occurred: string, created: string, id: string) => ({ id, occurred, created, kind: "event" });
const one = at("2026-01-01T00:00:00Z", "2026-02-01T00:00:01Z", "b");
const equal = at("2026-01-01T01:00:00+01:00", "2026-02-01T00:00:02Z", "a");
const later = at("2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z", "c");

test("items that are equal in whatever the list may be sorted by are tied", () => {
  const keys = new SortKeys();
  keys.learn("events", [one, equal, later]);
  expect(keys.tied("events", one, equal)).toBe(true);
  expect(keys.tied("events", equal, later)).toBe(false);
  expect(keys.tied("another list", one, equal)).toBe(false);
});

test("as long as another member may be the sort key, what differs in it is not tied", () => {
  const keys = new SortKeys();
  keys.learn("events", [one, equal]);
  expect(keys.tied("events", one, equal)).toBe(false);
  keys.learn("events", [one, later]);
  expect(keys.tied("events", one, equal)).toBe(true);
});

test("a member that never varied is no reason to call anything tied", () => {
  const keys = new SortKeys();
  keys.learn("events", [one, { ...one }]);
  expect(keys.tied("events", one, { ...one })).toBe(false);
});

test("a list that falls is in order as well, and numbers are no texts", () => {
  const keys = new SortKeys();
  keys.learn("sums", [{ n: 100 }, { n: 20 }, { n: 3 }]);
  expect(keys.tied("sums", { n: 20 }, { n: 20 })).toBe(true);
  expect(keys.tied("sums", { n: 20 }, { n: 3 })).toBe(false);
  keys.learn("sums", [{ n: 1 }, { n: 2 }]);
  expect(keys.tied("sums", { n: 20 }, { n: 20 })).toBe(false);
});
