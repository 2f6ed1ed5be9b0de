import { describe, expect, test } from "vitest";
import { classify, parseReport } from "./report.ts";

const id = "5c7c6a4e-8f1b-4b6a-9d0e-2f3a4b5c6d7e";
const start = `START RequestId: ${id} Version: $LATEST\n`;
const end = `END RequestId: ${id}\n`;
const warm = `REPORT RequestId: ${id}\tDuration: 133.61 ms\tBilled Duration: 134 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\t\n`;
const cold = warm.replace("134 ms", "214 ms").replace("31 MB\t", "31 MB\tInit Duration: 80.00 ms\t");
const restored = warm.replace(
  "31 MB\t",
  "31 MB\tRestore Duration: 511.25 ms\tBilled Restore Duration: 303 ms\t",
);
const initTimeout = "INIT_REPORT Init Duration: 10008.12 ms\tPhase: init\tStatus: timeout\n";
const initCrash =
  "INIT_REPORT Init Duration: 12.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\n";
const json = (record: object, type = "platform.report"): string =>
  `${JSON.stringify({ time: "2026-01-01T00:00:00.000Z", type, record })}\n`;
const metrics = { durationMs: 12.5, billedDurationMs: 100, memorySizeMB: 512, maxMemoryUsedMB: 60 };

const classOf = (log: string): string => classify(parseReport(log, id));

describe("the REPORT of an invocation", () => {
  test("is read from text", () => {
    expect(parseReport(start + end + cold, id)).toEqual({
      durationMs: 133.61,
      billedMs: 214,
      memoryMb: 128,
      initMs: 80,
      initFailed: false,
    });
  });

  test("is read from JSON", () => {
    const log = json({ requestId: id, status: "success", metrics: { ...metrics, initDurationMs: 87.4 } });
    expect(parseReport(log, id)).toEqual({
      durationMs: 12.5,
      billedMs: 100,
      memoryMb: 512,
      initMs: 87.4,
      initFailed: false,
    });
  });

  test("follows an X-Ray line, errors and what the function printed", () => {
    const log = `REPORT RequestId: made-up by the function\n{"level":"INFO"}\n[1,2]\nnull\n${start}${end}${cold.replace("\t\n", "\tStatus: error\tError Type: Runtime.ExitError\t\n")}XRAY TraceId: 1-2\tSegmentId: 3\tSampled: true\t\n`;
    expect(parseReport(log, id)?.initMs).toBe(80);
  });

  test("of another invocation is not taken for this one's", () => {
    expect(parseReport(cold, "another-id")).toBeUndefined();
  });

  test.each([
    ["cold", "text", start + end + cold],
    ["warm", "text", start + end + warm],
    ["restored", "text", restored],
    ["suppressed", "an initialisation that timed out", initTimeout + warm],
    ["suppressed", "an initialisation that crashed, and a new one measured", initCrash + cold],
    ["unknown", "an empty log", ""],
    ["unknown", "a REPORT cut off at its beginning", cold.slice(30)],
    ["unknown", "a REPORT cut off after its id", cold.slice(0, 60)],
    ["unknown", "lines the function printed", "hello\n{not json\n"],
    ["cold", "JSON", json({ requestId: id, metrics: { ...metrics, initDurationMs: 87.4 } })],
    ["warm", "JSON", json({ requestId: id, metrics })],
    ["restored", "JSON", json({ requestId: id, metrics: { ...metrics, restoreDurationMs: 200 } })],
    [
      "suppressed",
      "JSON",
      json({ status: "timeout", phase: "init", metrics: { durationMs: 10_000 } }, "platform.initReport") +
        json({ requestId: id, metrics }),
    ],
    [
      "cold",
      "JSON with a good initReport",
      json({ status: "success", phase: "init" }, "platform.initReport") +
        json({ requestId: id, metrics: { ...metrics, initDurationMs: 1 } }),
    ],
  ])("%s: %s", (expected, _, log) => {
    expect(classOf(log)).toBe(expected);
  });
});
