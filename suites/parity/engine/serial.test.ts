import { expect, test } from "vitest";
import { alike } from "./serial.ts";

const made = { status: 201, text: '{"id":"a"}' };
const second = { status: 201, text: '{"id":"b"}' };
const there = { status: 200, text: '{"id":"a"}' };
const refused = { status: 409, text: '{"type":"in-progress"}' };

test("a request and its replay in a race are as one after the other, whoever was first", () => {
  expect(alike([made, { ...made }], [{ ...second }, second])).toBe(true);
  expect(alike([there, made], [made, there])).toBe(true);
});

test("two things where there is one, and a refusal where there is none, are not", () => {
  expect(alike([made, second], [made, made])).toBe(false);
  expect(alike([made, refused], [made, made])).toBe(false);
  expect(alike([made], [made, made])).toBe(false);
});
