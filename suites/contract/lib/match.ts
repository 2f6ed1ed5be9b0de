/** Stands in an expected value for what cannot be known before. */
export class Matcher {
  /** How a finding names it. */
  readonly wanted: string;
  readonly accepts: (value: unknown) => boolean;
  constructor(wanted: string, accepts: (value: unknown) => boolean) {
    this.wanted = wanted;
    this.accepts = accepts;
  }
  /** So that a finding that shows a whole expected value shows this too. */
  toJSON(): string {
    return `<${this.wanted}>`;
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const MINUTES = 60_000;

/** An id with the prefix, such as `plan`. */
export function anId(prefix: string): Matcher {
  const pattern = new RegExp(`^${prefix}_[A-Za-z0-9]{20,40}$`);
  return new Matcher(`an id ${prefix}_…`, (value) => typeof value === "string" && pattern.test(value));
}

/** A timestamp within 5 minutes of this machine's clock: a target may be remote, but not hours off. */
export function justNow(): Matcher {
  return new Matcher(
    "a time of about now",
    (value) =>
      typeof value === "string" && TIME.test(value) && Math.abs(Date.parse(value) - Date.now()) < 5 * MINUTES,
  );
}

/** A timestamp at or after another one of the same target. */
export function notBefore(earlier: string): Matcher {
  return new Matcher(
    `a time of about now, not before ${earlier}`,
    (value) => justNow().accepts(value) && Date.parse(value as string) >= Date.parse(earlier),
  );
}

/** A string of a pattern. */
export function like(pattern: RegExp): Matcher {
  return new Matcher(`like ${pattern.source}`, (value) => typeof value === "string" && pattern.test(value));
}

/** Any of several values. */
export function oneOf(...values: readonly unknown[]): Matcher {
  return new Matcher(`one of ${JSON.stringify(values)}`, (value) => values.includes(value));
}

/** Where two values part. */
export interface Difference {
  /** JSON Pointer into the value. */
  readonly pointer: string;
  readonly got: unknown;
  readonly wanted: unknown;
}

/** Marks a member that is not there, apart from one that is `null`. */
export const ABSENT: unique symbol = Symbol("absent");

/**
 * Every place where a JSON value differs from the expected one, which may hold matchers. A member that is
 * `undefined` in the expected value has to be absent.
 */
export function differences(got: unknown, wanted: unknown, pointer = ""): readonly Difference[] {
  if (wanted instanceof Matcher)
    return wanted.accepts(got) ? [] : [{ pointer, got, wanted: wanted.toJSON() }];
  if (Array.isArray(wanted) && Array.isArray(got)) {
    const common = Math.min(got.length, wanted.length);
    const inside = Array.from({ length: common }, (_, i) =>
      differences(got[i], wanted[i], `${pointer}/${i}`),
    ).flat();
    if (got.length === wanted.length) return inside;
    return [...inside, { pointer, got: `${got.length} items`, wanted: `${wanted.length} items` }];
  }
  if (isRecord(wanted) && isRecord(got)) {
    const names = new Set([...Object.keys(got), ...Object.keys(wanted)]);
    return [...names].flatMap((name) =>
      differences(member(got, name), member(wanted, name), `${pointer}/${escapeToken(name)}`),
    );
  }
  return Object.is(got, wanted) ? [] : [{ pointer, got, wanted }];
}

function member(value: Record<string, unknown>, name: string): unknown {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return found === undefined ? ABSENT : found;
}

function escapeToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Matcher);
}

/** A value as a finding shows it. */
export function show(value: unknown): string {
  if (value === ABSENT) return "nothing";
  const text = typeof value === "symbol" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}
