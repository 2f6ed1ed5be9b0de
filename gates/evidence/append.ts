import { closeSync, openSync, writeSync } from "node:fs";
import { redactedJson } from "../redact.ts";
import { cannotWrite } from "./files.ts";

/** Records wait at most this long in memory. */
const FLUSH_MS = 200;
/** ... and at most this many characters. */
const FLUSH_CHARS = 64 * 1024;

/**
 * Appends records to one NDJSON file, which other processes may append to as well: whole lines go out in one
 * write to a file opened for appending, so they never mix. Writes are synchronous: short, in order, and
 * possible while the process exits. A failed write is thrown by the next call.
 */
export class Appender {
  readonly path: string;
  readonly #secrets: readonly string[];
  #fd: number | undefined;
  #waiting = "";
  #timer: NodeJS.Timeout | undefined;
  #failed: unknown;
  readonly #atExit = (): void => this.#flushQuietly();

  constructor(path: string, secrets: readonly string[] = []) {
    this.path = path;
    this.#secrets = secrets;
  }

  /** @throws EvidenceError when this or an earlier write failed. */
  append(record: unknown): void {
    this.#throwFailed();
    this.#waiting += `${redactedJson(record, this.#secrets)}\n`;
    if (this.#waiting.length >= FLUSH_CHARS) this.flush();
    else this.#timer ??= this.#startTimer();
  }

  /** Writes what waits. @throws EvidenceError */
  flush(): void {
    this.#flushQuietly();
    this.#throwFailed();
  }

  /** Writes what waits and closes the file. @throws EvidenceError */
  close(): void {
    this.#flushQuietly();
    // Only now: writing for the first time opens the file, and listens.
    process.off("exit", this.#atExit);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#throwFailed();
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(this.#atExit, FLUSH_MS).unref();
  }

  #flushQuietly(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === "" || this.#failed !== undefined) return;
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = "";
    try {
      this.#fd ??= this.#open();
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (cause) {
      this.#failed = cannotWrite(this.path, cause);
    }
  }

  #open(): number {
    const fd = openSync(this.path, "a");
    process.on("exit", this.#atExit);
    return fd;
  }

  #throwFailed(): void {
    if (this.#failed !== undefined) throw this.#failed;
  }
}
