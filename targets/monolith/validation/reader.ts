/** Why one place of a body is refused. */
export interface Issue {
  /** JSON Pointer (RFC 6901) into the body; "" is the whole of it. */
  readonly pointer: string;
  readonly detail: string;
}

/** Collects what is wrong with a body, the first reason for each place. */
export class Issues {
  readonly #byPointer = new Map<string, Issue>();

  add(pointer: string, detail: string): void {
    if (!this.#byPointer.has(pointer)) this.#byPointer.set(pointer, { pointer, detail });
  }

  get count(): number {
    return this.#byPointer.size;
  }

  get list(): readonly Issue[] {
    return [...this.#byPointer.values()];
  }
}

/** Stands for a value that was refused; the reason is in the issues. */
export const refused: unique symbol = Symbol("refused");
export type Refused = typeof refused;

/** Turns a JSON value into a T, or adds an issue for each bad place in it and answers `refused`. */
export type Reader<T> = (value: unknown, pointer: string, issues: Issues) => T | Refused;

/** A member of an object: how it is read, and what happens when it is absent. */
export interface Field<T, P extends "required" | "optional" = "required" | "optional"> {
  readonly presence: P;
  readonly read: Reader<T>;
  readonly fallback?: T;
}

export const required = <T>(read: Reader<T>): Field<T, "required"> => ({ presence: "required", read });
export const optional = <T>(read: Reader<T>): Field<T, "optional"> => ({ presence: "optional", read });
/** An optional member that reads as `fallback` when it is absent. */
export const defaulted = <T>(read: Reader<T>, fallback: T): Field<T, "required"> => ({
  presence: "required",
  read,
  fallback,
});

export type Shape = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer T> ? T : never;
export type Shaped<S extends Shape> = {
  readonly [K in keyof S as S[K] extends Field<unknown, "required"> ? K : never]: ValueOf<S[K]>;
} & {
  readonly [K in keyof S as S[K] extends Field<unknown, "required"> ? never : K]?: ValueOf<S[K]>;
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Pointer to member `name` of what `pointer` points to. */
export const member = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Refuses members that `names` does not have. */
export function refuseUnknown(
  value: Record<string, unknown>,
  names: Readonly<Record<string, unknown>>,
  pointer: string,
  issues: Issues,
): void {
  for (const name of Object.keys(value))
    if (!Object.hasOwn(names, name)) issues.add(member(pointer, name), "is not a member of this object");
}

/**
 * Reads a closed object.
 *
 * @param rule checks between members; it sees the object as sent and runs even when single members are bad
 */
export function object<S extends Shape>(
  shape: S,
  rule?: (value: Record<string, unknown>, pointer: string, issues: Issues) => void,
): Reader<Shaped<S>> {
  return (value, pointer, issues) => {
    if (!isObject(value)) return refuse(issues, pointer, "must be an object");
    const before = issues.count;
    const result: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(shape)) {
      const at = member(pointer, name);
      if (Object.hasOwn(value, name)) result[name] = field.read(value[name], at, issues);
      else if (Object.hasOwn(field, "fallback")) result[name] = field.fallback;
      else if (field.presence === "required") issues.add(at, "is required");
    }
    refuseUnknown(value, shape, pointer, issues);
    rule?.(value, pointer, issues);
    return issues.count > before ? refused : (result as Shaped<S>);
  };
}

/**
 * Reads an array of `min` to `max` items.
 *
 * @param rule checks between items; it sees the array as sent and runs even when single items are bad
 */
export function array<T>(
  item: Reader<T>,
  min: number,
  max: number,
  rule?: (value: readonly unknown[], pointer: string, issues: Issues) => void,
): Reader<T[]> {
  return (value, pointer, issues) => {
    if (!Array.isArray(value)) return refuse(issues, pointer, "must be an array");
    const before = issues.count;
    if (value.length < min || value.length > max) issues.add(pointer, `must have ${min} to ${max} items`);
    const items = value.map((each, index) => item(each, member(pointer, index), issues));
    rule?.(value, pointer, issues);
    return issues.count > before ? refused : (items as T[]);
  };
}

/** Adds the issue and answers `refused`. */
export function refuse(issues: Issues, pointer: string, detail: string): Refused {
  issues.add(pointer, detail);
  return refused;
}
