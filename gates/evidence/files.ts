import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { EvidenceError } from "../exit.ts";

/** What the operating system's error code means for evidence, in words. */
const causes: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is not a folder",
};

/** The typed error for a failed write: exit 74. */
export function cannotWrite(path: string, cause: unknown): EvidenceError {
  if (cause instanceof EvidenceError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  const got = (code && causes[code]) ?? (cause instanceof Error ? cause.message : String(cause));
  return new EvidenceError(
    {
      what: "Evidence cannot be written, so nothing more was measured.",
      where: path,
      got: code === undefined ? got : `${got} (${code})`,
      wanted: "a folder that can be written, with free space",
      next: "Free space or mend the permissions, then run again.",
    },
    cause,
  );
}

/** Replaces a file whole: a reader, or a kill, sees the old text or the new, never half of one. */
export function replaceFile(path: string, text: string): void {
  const half = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeFileSync(half, text);
    renameSync(half, path);
  } catch (cause) {
    rmSync(half, { force: true });
    throw cannotWrite(path, cause);
  }
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Points `<root>/latest` to a run, in one step. */
export function pointLatest(root: string, runId: string): void {
  const half = join(root, `.latest.${process.pid}`);
  try {
    rmSync(half, { force: true });
    symlinkSync(runId, half);
    renameSync(half, join(root, "latest"));
  } catch (cause) {
    throw cannotWrite(join(root, "latest"), cause);
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a file, a piece at a time, so that no file is too large; none when there is no file. */
export function* chunksOf(path: string): Generator<Uint8Array<ArrayBuffer>> {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return;
    throw cause;
  }
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(fd, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/** The text of a file, or undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw cause;
  }
}
