import { MatchersV3 } from "@pact-foundation/pact";

/** What a consumer may ask of a value. A regex of Pact has to match the whole. */
export const { eachLike, integer, string, boolean } = MatchersV3;

/** A value that the provider state returns under this name, put into the request when it is verified. */
export function provided<T extends string | number>(name: string, example: T): Provided<T> {
  return { provided: name, example };
}

export interface Provided<T = string | number> {
  readonly provided: string;
  readonly example: T;
}

export function isProvided(value: unknown): value is Provided {
  return typeof value === "object" && value !== null && "provided" in value && "example" in value;
}

/** An opaque id. */
export const anId = (example: string) => MatchersV3.regex("^[a-z]{3,4}_[A-Za-z0-9]+$", example);
/** Minor units of a currency. */
export const money = (example: number) => MatchersV3.integer(example);
/** RFC 3339, UTC, milliseconds. */
export const time = (example = "2026-01-31T09:30:00.000Z") =>
  MatchersV3.regex("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$", example);
/** A decimal number as text. */
export const decimal = (example: string) => MatchersV3.regex("^(0|[1-9]\\d*)(\\.\\d+)?$", example);
/** One of these words; the first is the example. */
export const oneOf = (...words: readonly [string, ...string[]]) =>
  MatchersV3.regex(`^(${words.map((word) => word.replaceAll(".", "\\.")).join("|")})$`, words[0]);
/** This very value, also inside `eachLike`, which otherwise asks for its type alone. */
export const exactly = MatchersV3.equal;
/** Text of this form. */
export const like = (pattern: string, example: string) => MatchersV3.regex(pattern, example);
/** A strong entity tag. */
export const etag = () => MatchersV3.regex('^"[^"]+"$', '"1"');
