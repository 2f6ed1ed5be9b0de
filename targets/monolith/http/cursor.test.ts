import { expect, test } from "vitest";
import { signedCursors } from "./cursor.ts";

const cursors = signedCursors(Buffer.alloc(32, 7));
const position = ["2026-01-31T09:30:00.000Z", "inv_abc"] as const;

test("a cursor leads back to its position, in its own list only", () => {
  const text = cursors.encode("list a", position);
  expect(text).toMatch(/^[A-Za-z0-9_-]{1,1024}$/);
  expect(cursors.decode("list a", text)).toEqual(position);
  expect(cursors.decode("list b", text)).toBeUndefined();
  expect(signedCursors(Buffer.alloc(32, 8)).decode("list a", text)).toBeUndefined();
});

test("no character of a cursor can be changed", () => {
  const text = cursors.encode("list", position);
  for (let i = 0; i < text.length; i += 1) {
    const other = text[i] === "A" ? "B" : "A";
    expect(cursors.decode("list", text.slice(0, i) + other + text.slice(i + 1))).toBeUndefined();
  }
});

test.each(["", "x", "null", `${cursors.encode("list", position)}=`, ` ${cursors.encode("list", position)}`])(
  "%j is no cursor",
  (text) => expect(cursors.decode("list", text)).toBeUndefined(),
);
