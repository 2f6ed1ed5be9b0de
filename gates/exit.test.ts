import { describe, expect, test } from "vitest";
import {
  CutoverError,
  describeError,
  EvidenceError,
  EXIT,
  Interrupted,
  MachineError,
  TargetError,
  UsageError,
} from "./exit.ts";

describe("errors", () => {
  test("render as one message of aligned lines, without a stack", () => {
    const error = new UsageError({
      what: "There is no such target.",
      where: "--target",
      got: "monolit",
      wanted: "monolith, serverless",
      next: "npm run contracts -- --help\nor see README.md",
    });
    expect(describeError(error)).toEqual({
      exitCode: 64,
      text: [
        "There is no such target.",
        "  where   --target",
        "  got     monolit",
        "  wanted  monolith, serverless",
        "  next    npm run contracts -- --help",
        "          or see README.md",
      ].join("\n"),
    });
  });

  test("each cause has its exit code", () => {
    const failure = { what: "x" };
    const codes = [UsageError, TargetError, MachineError, EvidenceError, Interrupted].map(
      (Kind) => new Kind(failure).exitCode,
    );
    expect(codes).toEqual([64, 69, 71, 74, 130]);
    expect(new Interrupted()).toBeInstanceOf(CutoverError);
  });

  test("anything else that is thrown is a bug, exit 70, never 1", () => {
    for (const thrown of [new TypeError("undefined is not a function"), "text", undefined, { status: 1 }]) {
      const { text, exitCode } = describeError(thrown);
      expect(exitCode).toBe(EXIT.bug);
      expect(text).toContain("Report it");
    }
  });
});
