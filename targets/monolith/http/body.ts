import type { Readable } from "node:stream";
import { Problem } from "./problem.ts";

/** Largest request body in bytes. */
export const largestBody = 262_144;

/** What stands for a body that was not kept. */
export const tooLarge = Symbol("too large");

/**
 * Reads a request body to its end, also when it is too large, for clients that do not listen while they send.
 */
export async function readRaw(stream: Readable): Promise<Buffer | typeof tooLarge> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  return size <= largestBody ? Buffer.concat(chunks) : tooLarge;
}

/** @throws Problem 413 */
export function checkSize(raw: Buffer | typeof tooLarge): Buffer {
  if (raw === tooLarge)
    throw new Problem("payload-too-large", `A body may have at most ${largestBody} bytes.`);
  return raw;
}

/** @throws Problem 415 unless the media type is the expected one; parameters and case do not matter */
export function checkMediaType(contentType: string | undefined, expected: string): void {
  if (contentType?.split(";")[0]?.trim().toLowerCase() !== expected)
    throw new Problem("unsupported-media-type", `The body must be ${expected}.`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws Problem 400 unless the bytes are UTF-8 and JSON (RFC 8259) */
export function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(raw));
  } catch {
    throw new Problem("malformed-request", "The body is not JSON in UTF-8.");
  }
}
