import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { cannotWrite, chunksOf } from "./files.ts";
import type { LoadRequest } from "./schema.ts";

/**
 * Requests of a large load, 40 bytes each instead of 300: `requests-<target>-<worker>.bin`. A line of JSON says what
 * the numbers stand for; see docs/evidence.md. What has more to tell (a request id, say) goes to `requests.ndjson`.
 */
export const COMPACT_VERSION = 1;
export const RECORD_BYTES = 40;

export interface CompactHeader {
  readonly format: "cutover-requests";
  readonly version: number;
  readonly target: string;
  readonly worker: number;
  readonly endpoints: readonly string[];
  readonly phases: readonly string[];
}

const outcomes = ["ok", "unexpected-status", "wrong-body", "connection", "timeout", "throttled"] as const;
const replies = ["timeout", "refused", "reset", "dns", "tls", "protocol", "other"] as const;
const NONE = 0xffff_ffff;
const flags = { coldKnown: 1, cold: 2, reusedKnown: 4, reused: 8 } as const;

/** Times are whole microseconds, except when it was due, which is a double of milliseconds. */
export function encodeRequest(header: CompactHeader, request: LoadRequest, into: DataView, at: number): void {
  const { dueMs, sentMs, firstByteMs, doneMs, reply, cold, reused } = request;
  into.setFloat64(at, dueMs, true);
  into.setInt32(at + 8, Math.round((sentMs - dueMs) * 1000), true);
  into.setUint32(at + 12, firstByteMs === undefined ? NONE : Math.round((firstByteMs - sentMs) * 1000), true);
  into.setUint32(at + 16, Math.round((doneMs - sentMs) * 1000), true);
  into.setUint32(at + 20, request.bytes, true);
  into.setUint32(at + 24, request.user ?? NONE, true);
  into.setUint32(at + 28, request.seq, true);
  into.setUint16(at + 32, typeof reply === "number" ? reply : replies.indexOf(reply), true);
  into.setUint16(at + 34, header.endpoints.indexOf(request.endpoint), true);
  into.setUint8(at + 36, header.phases.indexOf(request.phase));
  into.setUint8(at + 37, outcomes.indexOf(request.outcome));
  into.setUint8(
    at + 38,
    (cold === undefined ? 0 : flags.coldKnown | (cold ? flags.cold : 0)) |
      (reused === undefined ? 0 : flags.reusedKnown | (reused ? flags.reused : 0)),
  );
  into.setUint8(at + 39, checkOf(into, at));
}

/** Undefined for bytes that are no request. */
export function decodeRequest(header: CompactHeader, from: DataView, at: number): LoadRequest | undefined {
  const code = from.getUint16(at + 32, true);
  const reply = code >= 100 && code < 600 ? code : replies[code];
  const endpoint = header.endpoints[from.getUint16(at + 34, true)];
  const phase = header.phases[from.getUint8(at + 36)];
  const outcome = outcomes[from.getUint8(at + 37)];
  const dueMs = from.getFloat64(at, true);
  const readable = from.getUint8(at + 39) === checkOf(from, at) && Number.isFinite(dueMs);
  if (
    !readable ||
    reply === undefined ||
    endpoint === undefined ||
    phase === undefined ||
    outcome === undefined
  )
    return undefined;
  const sentMs = micro(dueMs + from.getInt32(at + 8, true) / 1000);
  const firstByte = from.getUint32(at + 12, true);
  const user = from.getUint32(at + 24, true);
  const flag = from.getUint8(at + 38);
  return {
    seq: from.getUint32(at + 28, true),
    worker: header.worker,
    ...(user !== NONE && { user }),
    target: header.target,
    endpoint,
    phase,
    dueMs,
    sentMs,
    ...(firstByte !== NONE && { firstByteMs: micro(sentMs + firstByte / 1000) }),
    doneMs: micro(sentMs + from.getUint32(at + 16, true) / 1000),
    reply,
    outcome,
    bytes: from.getUint32(at + 20, true),
    ...((flag & flags.reusedKnown) !== 0 && { reused: (flag & flags.reused) !== 0 }),
    ...((flag & flags.coldKnown) !== 0 && { cold: (flag & flags.cold) !== 0 }),
  };
}

const micro = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Tells a record from what a damaged disk left: never 0, so that zeroes are no record. */
function checkOf(view: DataView, at: number): number {
  let sum = 0xa5;
  for (let i = 0; i < RECORD_BYTES - 1; i++) sum = (Math.imul(sum, 31) + view.getUint8(at + i)) & 0xff;
  return sum | 1;
}

/** Records wait at most this long in memory, and at most so many of them. */
const FLUSH_MS = 200;
const BUFFERED = 2048;

/** Appends compact records to one file, which this process alone writes. */
export class CompactAppender {
  readonly #path: string;
  readonly #header: CompactHeader;
  readonly #buffer = new Uint8Array(BUFFERED * RECORD_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #used = 0;
  #fd: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failed: unknown;
  readonly #quietly = (): void => this.#write();

  constructor(dir: string, header: Omit<CompactHeader, "format" | "version">) {
    const { target, worker } = header;
    this.#path = join(dir, `requests-${encodeURIComponent(target)}-${worker}.bin`);
    this.#header = { format: "cutover-requests", version: COMPACT_VERSION, ...header };
  }

  /** @throws EvidenceError when this or an earlier write failed. */
  append(request: LoadRequest): void {
    if (this.#failed !== undefined) throw this.#failed;
    encodeRequest(this.#header, request, this.#view, this.#used);
    this.#used += RECORD_BYTES;
    if (this.#used === this.#buffer.length) this.flush();
    else this.#timer ??= setTimeout(this.#quietly, FLUSH_MS).unref();
  }

  /** Writes what waits. @throws EvidenceError */
  flush(): void {
    this.#write();
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** @throws EvidenceError */
  close(): void {
    process.off("exit", this.#quietly);
    this.#write();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    if (this.#failed !== undefined) throw this.#failed;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used === 0 || this.#failed !== undefined) return;
    const bytes = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    try {
      this.#fd ??= this.#open();
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    } catch (cause) {
      this.#failed = cannotWrite(this.#path, cause);
    }
  }

  #open(): number {
    const fd = openSync(this.#path, "wx");
    process.on("exit", this.#quietly);
    writeSync(fd, `${JSON.stringify(this.#header)}\n`);
    return fd;
  }
}

export interface CompactContent {
  readonly records: readonly LoadRequest[];
  /** Numbers of records, from 1 in their file, that cannot be read. */
  readonly corrupt: readonly { readonly line: number; readonly message: string }[];
  readonly truncated: boolean;
}

/** Reads the compact requests of a run's folder, a piece at a time. */
export function readCompact(dir: string): CompactContent {
  const records: LoadRequest[] = [];
  const corrupt: { line: number; message: string }[] = [];
  let truncated = false;
  for (const file of readdirSync(dir)
    .filter((name) => /^requests-.*\.bin$/.test(name))
    .sort()) {
    let header: CompactHeader | undefined;
    let rest = new Uint8Array();
    let line = 0;
    for (const chunk of chunksOf(join(dir, file))) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (header === undefined) {
        const end = rest.indexOf(10);
        if (end < 0) continue;
        header = headerOf(Buffer.from(rest.subarray(0, end)).toString("utf8"));
        if (header === undefined) break;
        rest = rest.subarray(end + 1);
      }
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      let at = 0;
      for (; at + RECORD_BYTES <= rest.length; at += RECORD_BYTES) {
        const record = decodeRequest(header, view, at);
        line += 1;
        if (record) records.push(record);
        else corrupt.push({ line, message: `${file}: got bytes that are no request` });
      }
      rest = rest.slice(at);
    }
    if (header === undefined)
      corrupt.push({ line: 1, message: `${file}: got no header of version ${COMPACT_VERSION}` });
    else if (rest.length > 0) truncated = true;
  }
  return { records, corrupt, truncated };
}

function headerOf(text: string): CompactHeader | undefined {
  try {
    const header = JSON.parse(text) as CompactHeader;
    const known = header.format === "cutover-requests" && header.version === COMPACT_VERSION;
    return known && Array.isArray(header.endpoints) && Array.isArray(header.phases) ? header : undefined;
  } catch {
    return undefined;
  }
}
