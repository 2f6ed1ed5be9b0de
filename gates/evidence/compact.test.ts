import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  CompactAppender,
  type CompactHeader,
  decodeRequest,
  encodeRequest,
  RECORD_BYTES,
  readCompact,
} from "./compact.ts";
import type { LoadRequest } from "./schema.ts";

const header: CompactHeader = {
  format: "cutover-requests",
  version: 1,
  target: "server",
  worker: 2,
  endpoints: ["getThing", "putThing"],
  phases: ["warm-up", "steady"],
};

const micro = (most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: most }).map((us) => us / 1000);
const anyRequest: fc.Arbitrary<LoadRequest> = fc
  .record(
    {
      seq: fc.nat(),
      user: fc.nat(),
      endpoint: fc.constantFrom(...header.endpoints),
      phase: fc.constantFrom(...header.phases),
      dueMs: micro(36_000_000_000),
      late: micro(60_000_000),
      firstByte: micro(100_000_000),
      took: micro(400_000_000),
      reply: fc.oneof(
        fc.integer({ min: 100, max: 599 }),
        fc.constantFrom("timeout", "refused", "reset", "dns", "tls", "protocol", "other"),
      ),
      outcome: fc.constantFrom("ok", "unexpected-status", "wrong-body", "connection", "timeout", "throttled"),
      bytes: fc.nat(),
      cold: fc.boolean(),
      reused: fc.boolean(),
    },
    { requiredKeys: ["seq", "endpoint", "phase", "dueMs", "late", "took", "reply", "outcome", "bytes"] },
  )
  .map(({ late, firstByte, took, ...rest }) => {
    const sentMs = round(rest.dueMs + late);
    return {
      ...rest,
      worker: 2,
      target: "server",
      sentMs,
      ...(firstByte !== undefined && { firstByteMs: round(sentMs + firstByte) }),
      doneMs: round(sentMs + took),
    } as LoadRequest;
  });
const round = (ms: number): number => Math.round(ms * 1000) / 1000;

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "cutover-compact-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

const request = (seq: number): LoadRequest => ({
  seq,
  worker: 2,
  target: "server",
  endpoint: "getThing",
  phase: "steady",
  dueMs: seq,
  sentMs: seq + 0.5,
  doneMs: seq + 2.125,
  reply: 200,
  outcome: "ok",
  bytes: 12,
});

function written(count: number): { readonly dir: string; readonly file: string } {
  const dir = folder();
  const { format: _, version: __, ...names } = header;
  const appender = new CompactAppender(dir, names);
  for (let seq = 0; seq < count; seq++) appender.append(request(seq));
  appender.close();
  return { dir, file: join(dir, "requests-server-2.bin") };
}

describe("compact requests", () => {
  test("a request survives", () => {
    fc.assert(
      fc.property(anyRequest, (given) => {
        const view = new DataView(new ArrayBuffer(RECORD_BYTES));
        encodeRequest(header, given, view, 0);
        expect(decodeRequest(header, view, 0)).toEqual(given);
      }),
      { seed: 20_261_124 },
    );
  });

  test("many requests survive the file, in order", () => {
    const { dir } = written(5000);
    const { records, corrupt, truncated } = readCompact(dir);
    expect(records).toEqual(Array.from({ length: 5000 }, (_, seq) => request(seq)));
    expect({ corrupt, truncated }).toEqual({ corrupt: [], truncated: false });
  });

  test("cut off anywhere, it is told, and nothing is invented", () => {
    const { dir, file } = written(3);
    const whole = readFileSync(file);
    const start = whole.indexOf(10) + 1;
    for (let length = whole.length - 1; length >= 1; length -= 7) {
      truncateSync(file, length);
      const { records, corrupt, truncated } = readCompact(dir);
      expect(records).toEqual(
        [0, 1, 2].slice(0, Math.max(0, Math.floor((length - start) / RECORD_BYTES))).map(request),
      );
      expect(truncated || corrupt.length > 0 || (length - start) % RECORD_BYTES === 0).toBe(true);
    }
  });

  test("damaged records and zeroes are no requests", () => {
    const { dir, file } = written(3);
    const bytes = readFileSync(file);
    const second = bytes.indexOf(10) + 1 + RECORD_BYTES;
    bytes[second + 17] = (bytes[second + 17] ?? 0) ^ 4;
    writeFileSync(file, bytes);
    appendFileSync(file, new Uint8Array(RECORD_BYTES));
    const { records, corrupt } = readCompact(dir);
    expect(records.map(({ seq }) => seq)).toEqual([0, 2]);
    expect(corrupt.map(({ line }) => line)).toEqual([2, 4]);
  });

  test("a file of another version is refused whole", () => {
    const { dir, file } = written(3);
    writeFileSync(file, readFileSync(file, "latin1").replace('"version":1', '"version":2'), "latin1");
    expect(readCompact(dir)).toMatchObject({ records: [], corrupt: [{ line: 1 }] });
  });
});
