import { isLosslessNumber } from "lossless-json";
import type { Side } from "../engine/side.ts";

/** The three answers to one question: the baseline's, the baseline's to another account, the candidate's. */
export type Triple<T> = readonly [baseline: T, again: T, candidate: T];

export type Outcome =
  | "same"
  /** The baseline differs from itself there. */
  | "noise"
  | "value"
  | "type"
  | "reference"
  | "instant";

/** When and where a value stands. */
export interface Place {
  /** The step, and the exact pointer in its reply: what a value first seen here is called. */
  readonly step: number;
  readonly pointer: string;
  /** The kind of thing a number at this place may name: numbers are ids only among their like. */
  readonly kind: string;
  /** The clock while the sequence ran, with slack. */
  readonly from: number;
  readonly to: number;
  /** When each side was asked, and when it had answered. */
  readonly windows: Triple<readonly [sentAt: number, doneAt: number]>;
  /** How far apart two instants of the same event may lie. */
  readonly toleranceMs: number;
  /** The schema says `date-time`: another way to write the same instant is the same. */
  readonly dateTime: boolean;
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Milliseconds since 1970 of a text or number that is an instant. */
export function instantOf(value: unknown, nearMs?: number): number | undefined {
  if (typeof value === "string") {
    if (!INSTANT.test(value) && !HTTP_DATE.test(value)) return undefined;
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : at;
  }
  if (typeof value !== "number" || nearMs === undefined) return undefined;
  // Seconds or milliseconds since 1970, only near the present: any other number is just a number.
  for (const ms of [value, value * 1000]) if (Math.abs(ms - nearMs) < 3_600_000) return ms;
  return undefined;
}

/** Compares one value by its meaning. Values that the targets issue are bound to names as they are met. */
export function compareScalar(values: Triple<unknown>, sides: Triple<Side>, place: Place): Outcome {
  const [a, again, b] = values.map((value, index) => plain(value, sides[index] as Side)) as [
    unknown,
    unknown,
    unknown,
  ];
  if (typeOf(a) !== typeOf(b)) return typeOf(a) === typeOf(again) ? "type" : "noise";
  if (typeOf(a) === "null" || typeof a === "boolean")
    return a === b ? "same" : a === again ? "value" : "noise";
  const instants = [a, again, b].map((value) => instantOf(value, place.from)) as unknown as Triple<
    number | undefined
  >;
  if (instants.every((each) => each !== undefined))
    return compareInstants([a, again, b], instants as Triple<number>, sides, place);
  const alike = equal(a, again);
  if (alike) return equal(a, b) ? "same" : (composite([a, again, b], sides, place) ?? "value");
  return named([a, again, b], sides, place);
}

/** A text with this account's own digits taken out. */
function plain(value: unknown, side: Side): unknown {
  return typeof value === "string" && value.includes(side.nonce) ? value.replaceAll(side.nonce, "#") : value;
}

function typeOf(value: unknown): string {
  return value === null ? "null" : isLosslessNumber(value) ? "number" : typeof value;
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return (isLosslessNumber(a) || isLosslessNumber(b)) && decimal(a) === decimal(b);
}

/** A number's one way of writing: `1.50` and `15e-1` are `1.5`. */
export function decimal(value: unknown): string {
  const match = /^(-?)0*(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(String(value));
  if (match === null) return String(value);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point <= 0 ? "0".repeat(-point + 1) + digits : digits.padEnd(point, "0");
  const at = point <= 0 ? 1 : point;
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const right = padded.slice(at).replace(/0+$/, "");
  const text = right === "" ? left : `${left}.${right}`;
  return text === "0" ? "0" : sign + text;
}

/**
 * An instant of the present is known by the step in which it was first seen; any other has to be the same, or,
 * where the baseline itself is not sure of it, near.
 */
function compareInstants(
  values: Triple<unknown>,
  instants: Triple<number>,
  sides: Triple<Side>,
  place: Place,
): Outcome {
  const [a, again, b] = instants;
  const live = instants.map((at) => at >= place.from && at <= place.to);
  if (live[0] && live[1]) {
    if (!live[2]) return "instant";
    const steps = instants.map((at, index) =>
      stepsOf(sides[index] as Side, at, place, index),
    ) as unknown as Triple<readonly string[]>;
    if (a === again && a === b && equal(values[0], values[2])) return "same";
    if (steps[0].some((step) => steps[2].includes(step))) return "noise";
    return steps[0].some((step) => steps[1].includes(step)) ? "instant" : "noise";
  }
  if (a === again)
    return a === b ? (values[0] === values[2] || place.dateTime ? "same" : "value") : "instant";
  return Math.abs(a - b) <= place.toleranceMs || Math.abs(again - b) <= place.toleranceMs
    ? "noise"
    : "instant";
}

/** Clocks of a target and of this machine may be told in different grains. */
const GRAIN_MS = 2;

/**
 * The steps that may have made an instant: the one in which it was first seen, and each whose own time it lies in.
 * Two things of one millisecond have one instant between them.
 */
function stepsOf(side: Side, at: number, place: Place, index: number): readonly string[] {
  const key = `i:${at}`;
  const known = side.names.get(key)?.split(" ") ?? [];
  const [sentAt, doneAt] = place.windows[index] as readonly [number, number];
  // A clock that tells whole seconds tells the one that had begun when the step was sent.
  const earliest = sentAt - GRAIN_MS;
  const own = at >= earliest - (at % 1000 === 0 ? earliest % 1000 : 0) && at <= doneAt + GRAIN_MS;
  const steps = known.length === 0 || own ? [...new Set([...known, String(place.step)])] : known;
  side.names.set(key, steps.join(" "));
  return steps;
}

/** The name of a value on its side; a new one is called by where it stands. */
function nameOf(side: Side, key: string, fresh: string): string {
  const known = side.names.get(key);
  if (known !== undefined) return known;
  side.names.set(key, fresh);
  return fresh;
}

const keyOf = (value: unknown, kind: string): string =>
  typeof value === "string" ? `s:${value}` : `${kind}:${decimal(value)}`;

/** The name of an id as far as it is known, without giving it one. */
export function knownName(side: Side, value: unknown, kind: string): string | undefined {
  return side.names.get(keyOf(plain(value, side), kind));
}

function named(values: Triple<unknown>, sides: Triple<Side>, place: Place): Outcome {
  const keys = values.map((value) => keyOf(value, place.kind));
  if (keys.every((key, index) => !(sides[index] as Side).names.has(key))) {
    const parts = composite(values, sides, place);
    if (parts !== undefined) return parts;
  }
  const names = keys.map((key, index) => nameOf(sides[index] as Side, key, `${place.step}${place.pointer}`));
  if (names[0] === names[2]) return "noise";
  return names[0] === names[1] ? "reference" : "noise";
}

/** Paths and URLs part by part: `/plans/plan_1` names a thing as well as `plan_1` does. */
function composite(values: Triple<unknown>, sides: Triple<Side>, place: Place): Outcome | undefined {
  if (!values.every((value) => typeof value === "string" && value.includes("/"))) return undefined;
  const parts = values.map((value, index) =>
    (value as string)
      .replace((sides[index] as Side).endpoint.url, "")
      .replace(/^https?:\/\/[^/]+(?=\/)/, "")
      .split(/([/?&=#])/),
  );
  const [first = []] = parts;
  if (
    !parts.every((part) => part.length === first.length) ||
    !first.some((part, index) => part.length > 1 && parts.every((each) => each[index] === part))
  )
    return undefined;
  let worst: Outcome = "same";
  for (const index of first.keys()) {
    const outcome = compareScalar(parts.map((part) => part[index]) as unknown as Triple<unknown>, sides, {
      ...place,
      pointer: `${place.pointer}.${index}`,
    });
    if (outcome !== "same" && (worst === "same" || worst === "noise")) worst = outcome;
  }
  return worst;
}
