import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accept, readAccepted, sortFindings } from "./accepted.ts";
import type { Finding } from "./result.ts";

const finding = {
  id: "f",
  operation: "getPlan",
  kind: "value",
  path: "/name",
  differences: [{ kind: "value", path: "/name", baseline: "a", candidate: "b" }],
} as unknown as Finding;
const by = { owner: "ada", reason: "agreed in review", expires: "2026-03-01" };

test("an entry is written, read, and covers its difference until its day", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "accepted-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "accepted.json");
  expect(readAccepted(path)).toEqual([]);
  accept(path, finding, by);
  accept(path, finding, by);
  const entries = readAccepted(path);
  expect(entries).toEqual([{ operation: "getPlan", kind: "value", path: "/name", ...by }]);
  expect(sortFindings([finding], entries, "2026-02-28", true)).toMatchObject({
    open: [],
    accepted: [{ by: entries[0] }],
    stale: [],
  });
  const expired = sortFindings([finding], entries, "2026-03-01", true);
  expect(expired.open).toEqual([finding]);
  expect(expired.stale[0]?.why).toBe("expired on 2026-03-01");
});

test("an entry that nothing needs is stale, once the run was long enough to tell", () => {
  const entry = { operation: "getPlan", kind: "value", path: "/other", ...by };
  expect(sortFindings([finding], [entry], "2026-01-01", true).stale).toHaveLength(1);
  expect(sortFindings([finding], [entry], "2026-01-01", false).stale).toEqual([]);
  const narrow = { operation: "getPlan", kind: "value", path: "*", baseline: "a", candidate: "c", ...by };
  expect(sortFindings([finding], [narrow], "2026-01-01", false).open).toEqual([finding]);
});

test("an entry without an owner, a reason or a real day is refused with its place", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "accepted-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "accepted.json");
  expect(() => accept(path, finding, { ...by, owner: "" })).toThrow("--owner");
  expect(() => accept(path, finding, { ...by, expires: "soon" })).toThrow("--expires");
  writeFileSync(path, '{"accepted":[{"operation":"x"}]}');
  expect(() => readAccepted(path)).toThrow("/accepted/0/path");
});
