import { randomBytes } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Bytes from here on would make the first letters likelier. */
const fair = 256 - (256 % alphabet.length);

/** `length` letters and digits, each equally likely, from the system's secure source. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length)
    for (const byte of randomBytes(length * 2))
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length];
  return text;
}

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

/** A new id: the type's prefix and 24 random letters and digits (142 bits). */
export const newId = (prefix: IdPrefix): string => `${prefix}_${randomText(24)}`;

/** Whether `text` could be an id of this type at all; anything else must not reach SQL. */
export const isId = (prefix: IdPrefix, text: string): boolean =>
  text.length <= 64 && text.startsWith(`${prefix}_`) && /^[A-Za-z0-9]+$/.test(text.slice(prefix.length + 1));
