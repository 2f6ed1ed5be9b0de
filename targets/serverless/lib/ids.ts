import { createHash, randomBytes } from "node:crypto";

/** In ASCII order, so that equally long numbers in base 62 sort as they count. */
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const timeDigits = 8; // 62^8 ms reach beyond the year 8800
const randomDigits = 16; // 95 bits

export type IdPrefix =
  | "acc"
  | "mem"
  | "plan"
  | "sub"
  | "usg"
  | "inv"
  | "line"
  | "pay"
  | "ref"
  | "whk"
  | "dlv"
  | "evt";

/** `length` random characters of [0-9A-Za-z], each equally likely. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < 248 && text.length < length) text += alphabet[byte % 62]; // 248 = 4 × 62: no bias
    }
  }
  return text;
}

/**
 * A new id. It starts with its instant, so that ids of one kind sort by (createdAt, id): the sort key of
 * every list by `createdAt` is the id itself and needs no index. `atMs` must be the resource's createdAt.
 */
export function newId(prefix: IdPrefix, atMs: number): string {
  let time = "";
  for (let rest = atMs, i = 0; i < timeDigits; i++, rest = Math.floor(rest / 62))
    time = alphabet[rest % 62] + time;
  return `${prefix}_${time}${randomText(randomDigits)}`;
}

/** Whether a path or query value may be an id of this kind at all. Anything else has no resource. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return (
    text.length <= 64 && text.startsWith(`${prefix}_`) && /^[A-Za-z0-9]+$/.test(text.slice(prefix.length + 1))
  );
}

/** A new API key: shown once, stored as its hash only. */
export const newApiKey = (): string => `ck_${randomText(40)}`;

/** SHA-256 in hex: how an API key is looked up. */
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
