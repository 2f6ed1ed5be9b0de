import { type Millionths, parseDecimal } from "../domain/decimal.ts";
import { type IdPrefix, isId } from "../domain/ids.ts";
import { parseTime } from "../domain/time.ts";
import { array, type Reader, refuse, refused } from "./reader.ts";

/** NUL cannot be stored, and a lone surrogate is no character. */
const unstorable = (text: string): boolean => text.includes("\0") || !text.isWellFormed();

/** Length in code points, counted only when the code units leave it open. */
function lengthBetween(text: string, min: number, max: number): boolean {
  if (text.length < min || text.length > 2 * max) return false;
  let length = 0;
  for (const _ of text) length += 1;
  return length >= min && length <= max;
}

/** Text of `min` to `max` code points, kept exactly as sent. */
export function text(min: number, max: number): Reader<string> {
  return (value, pointer, issues) => {
    if (typeof value !== "string") return refuse(issues, pointer, "must be a string");
    if (unstorable(value)) return refuse(issues, pointer, "must not hold NUL or a lone surrogate");
    if (!lengthBetween(value, min, max))
      return refuse(issues, pointer, `must have ${min} to ${max} characters`);
    return value;
  };
}

/** Text that matches `pattern`, which must be anchored. */
export function matching(pattern: RegExp, meaning: string): Reader<string> {
  return (value, pointer, issues) => {
    if (typeof value !== "string") return refuse(issues, pointer, "must be a string");
    return pattern.test(value) ? value : refuse(issues, pointer, `must be ${meaning}`);
  };
}

const emailPattern = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}$/;

/** An e-mail address of at most 254 characters. */
export const email: Reader<string> = (value, pointer, issues) => {
  if (typeof value !== "string") return refuse(issues, pointer, "must be a string");
  return value.length <= 254 && emailPattern.test(value)
    ? value
    : refuse(issues, pointer, "must be an e-mail address");
};

/** The id of a resource of this type; whether it exists is another question. */
export function id(prefix: IdPrefix): Reader<string> {
  return (value, pointer, issues) => {
    if (typeof value !== "string") return refuse(issues, pointer, "must be a string");
    return isId(prefix, value) ? value : refuse(issues, pointer, `must be an id that begins with ${prefix}_`);
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (value, pointer, issues) =>
    values.includes(value as T)
      ? (value as T)
      : refuse(issues, pointer, `must be one of ${values.join(", ")}`);
}

/** A whole number; 1.0 and 1e2 are whole, what a double cannot hold exactly is not accepted. */
export function integer(min: number, max: number): Reader<number> {
  return (value, pointer, issues) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max
      ? value + 0 // -0 is 0
      : refuse(issues, pointer, `must be a whole number from ${min} to ${max}`);
}

export const boolean: Reader<boolean> = (value, pointer, issues) =>
  typeof value === "boolean" ? value : refuse(issues, pointer, "must be true or false");

/** A decimal string of at most 18 and 6 digits. */
export const decimal: Reader<Millionths> = (value, pointer, issues) => {
  const parsed = typeof value === "string" ? parseDecimal(value) : undefined;
  return parsed ?? refuse(issues, pointer, "must be a decimal string such as 10.5");
};

export const instant: Reader<Date> = (value, pointer, issues) => {
  if (typeof value !== "string") return refuse(issues, pointer, "must be a string");
  const parsed = parseTime(value);
  return typeof parsed === "string" ? refuse(issues, pointer, parsed) : parsed;
};

/** An instant whose period ends in a year that can be written: UTC years 1970 to 2998. */
export const periodInstant: Reader<Date> = (value, pointer, issues) => {
  const read = instant(value, pointer, issues);
  if (read === refused || read.getUTCFullYear() <= 2998) return read;
  return refuse(issues, pointer, "must lie in the years 1970 to 2998, UTC");
};

/** A list of `min` to `max` different values, sorted on the way in. */
export function set<const T extends string>(values: readonly T[], min: number, max: number): Reader<T[]> {
  const list = array(oneOf(values), min, max, (items, pointer, issues) => {
    if (new Set(items.map((each) => JSON.stringify(each))).size < items.length)
      issues.add(pointer, "must not repeat an item");
  });
  return (value, pointer, issues) => {
    const items = list(value, pointer, issues);
    return items === refused ? refused : items.sort();
  };
}
