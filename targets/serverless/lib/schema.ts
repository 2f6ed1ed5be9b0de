import { canonical, decimalPattern } from "./decimal.ts";
import { type Fault, invalid } from "./problem.ts";
import { formatTime, parseTime } from "./time.ts";

/**
 * Says what a JSON value must be. `check` adds every fault it finds below `at` (a JSON Pointer) and answers the
 * value as the rest of the system uses it (decimals canonical, times in UTC), or undefined after a fault.
 */
export interface Schema<T> {
  check(value: unknown, at: string, faults: Fault[]): T | undefined;
  /** Of a JSON object: the members a merge patch may name. */
  readonly patchable?: Patchable;
}

export interface Patchable {
  readonly members: Members;
  /** Whether `null` may remove the member. */
  removable(name: string): boolean;
}

export type Members = Readonly<Record<string, Schema<unknown>>>;
export type Infer<S> = S extends Schema<infer T> ? T : never;
type Whole<R extends Members, O extends Members> = { readonly [K in keyof R]: Infer<R[K]> } & {
  readonly [K in keyof O]?: Infer<O[K]>;
};

/** The pointer of a member or an index of what stands at `at`. */
export const below = (at: string, name: string | number): string =>
  `${at}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Whether a JSON value is an object, neither an array nor null. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A schema of one value: `accept` answers what the value means, or undefined when it is not valid. */
function leaf<T>(detail: string, accept: (value: unknown) => T | undefined): Schema<T> {
  return {
    check(value, at, faults) {
      const meaning = accept(value);
      if (meaning === undefined) faults.push({ pointer: at, detail });
      return meaning;
    },
  };
}

const textual = <T>(detail: string, accept: (value: string) => T | undefined): Schema<T> =>
  leaf(detail, (value) => (typeof value === "string" ? accept(value) : undefined));

/** Free text: length in code points, no NUL, no lone surrogate; kept exactly as sent. */
export const text = (min: number, max: number): Schema<string> =>
  textual(`must be a text of ${min} to ${max} characters, without NUL or lone surrogates`, (value) => {
    if (value.length > max * 2 || value.includes("\0") || !value.isWellFormed()) return undefined;
    const length = [...value].length;
    return length >= min && length <= max ? value : undefined;
  });

/** Text of a form that leaves no room for surprises; `max` counts code units. */
export const matching = (pattern: RegExp, max: number): Schema<string> =>
  textual(`must match ${pattern.source}`, (value) =>
    value.length <= max && pattern.test(value) ? value : undefined,
  );

export const oneOf = <const V extends string>(values: readonly V[]): Schema<V> =>
  textual(`must be one of ${values.join(", ")}`, (value) => values.find((v) => v === value));

/** An integer, however written (1, 1.0, 1e0). */
export const integer = (min: number, max: number): Schema<number> =>
  leaf(`must be an integer from ${min} to ${max}`, (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number) + 0
      : undefined,
  );

/** Minor units. */
export const money = (min = 0): Schema<number> => integer(min, Number.MAX_SAFE_INTEGER);

export const boolean: Schema<boolean> = leaf("must be true or false", (value) =>
  typeof value === "boolean" ? value : undefined,
);

/** A decimal; becomes its canonical form. */
export const decimal: Schema<string> = textual("must be a decimal of at most 18 and 6 digits", (value) =>
  decimalPattern.test(value) ? canonical(value) : undefined,
);

export const positiveDecimal: Schema<string> = textual(
  "must be a decimal above 0, of at most 18 and 6 digits",
  (value) => (decimalPattern.test(value) && /[1-9]/.test(value) ? canonical(value) : undefined),
);

/** RFC 3339; becomes UTC with milliseconds. */
export const time: Schema<string> = textual("must be an RFC 3339 time of the years 1970 to 2999", (value) => {
  const at = parseTime(value);
  return at === undefined ? undefined : formatTime(at);
});

export const email: Schema<string> = matching(
  /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}$/,
  254,
);

/** An id in a body, by its prefix: whether it exists is for the handler to say. */
export const id = (prefix: string): Schema<string> => matching(new RegExp(`^${prefix}_[A-Za-z0-9]+$`), 64);

/** A closed object: members missing, unknown or bad are all reported. */
export function object<R extends Members, O extends Members = Record<never, never>>(
  required: R,
  optional: O = {} as O,
): Schema<Whole<R, O>> {
  const members: Members = { ...required, ...optional };
  return {
    patchable: { members, removable: (name) => Object.hasOwn(optional, name) },
    check(value, at, faults) {
      if (!isObject(value)) {
        faults.push({ pointer: at, detail: "must be an object" });
        return undefined;
      }
      const before = faults.length;
      for (const name of Object.keys(value))
        if (!Object.hasOwn(members, name)) faults.push({ pointer: below(at, name), detail: "is not known" });
      for (const name of Object.keys(required))
        if (!Object.hasOwn(value, name)) faults.push({ pointer: below(at, name), detail: "is required" });
      const known = Object.entries(members).filter(([name]) => Object.hasOwn(value, name));
      const checked = known.map(([name, member]) => [
        name,
        member.check(value[name], below(at, name), faults),
      ]);
      return faults.length === before ? (Object.fromEntries(checked) as Whole<R, O>) : undefined;
    },
  };
}

export const array = <T>(item: Schema<T>, min: number, max: number): Schema<readonly T[]> => ({
  check(value, at, faults) {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      faults.push({ pointer: at, detail: `must be an array of ${min} to ${max} items` });
      return undefined;
    }
    const before = faults.length;
    const items = value.map((each: unknown, i) => item.check(each, below(at, i), faults));
    return faults.length === before ? (items as T[]) : undefined;
  },
});

/** An array without repeats; becomes sorted by code units. */
export function uniqueSorted<V extends string>(
  item: Schema<V>,
  min: number,
  max: number,
): Schema<readonly V[]> {
  return refine(
    array(item, min, max),
    (value, at, faults) => {
      if (Array.isArray(value) && new Set(value).size !== value.length)
        faults.push({ pointer: at, detail: "must not repeat an item" });
    },
    (value) => value.toSorted(),
  );
}

/** Adds a rule across members. It sees the raw value, also when other members are bad. */
export const refine = <T>(
  schema: Schema<T>,
  rule: (value: unknown, at: string, faults: Fault[]) => void,
  convert: (value: T) => T = (value) => value,
): Schema<T> => ({
  ...(schema.patchable && { patchable: schema.patchable }),
  check(value, at, faults) {
    const before = faults.length;
    const checked = schema.check(value, at, faults);
    rule(value, at, faults);
    return checked === undefined || faults.length > before ? undefined : convert(checked);
  },
});

/** One of several objects, told apart by the text of `tag`. */
export function variants<V extends { readonly [name: string]: Schema<unknown> }>(
  tag: string,
  cases: V,
): Schema<Infer<V[keyof V]>> {
  const tags = oneOf(Object.keys(cases));
  return {
    patchable: {
      members: {
        ...Object.assign({}, ...Object.values(cases).map((each) => each.patchable?.members)),
        [tag]: tags,
      },
      removable: (name) => name !== tag,
    },
    check(value, at, faults) {
      if (!isObject(value)) {
        faults.push({ pointer: at, detail: "must be an object" });
        return undefined;
      }
      if (!Object.hasOwn(value, tag)) {
        faults.push({ pointer: below(at, tag), detail: "is required" });
        return undefined;
      }
      const name = tags.check(value[tag], below(at, tag), faults);
      return name === undefined ? undefined : (cases[name]?.check(value, at, faults) as Infer<V[keyof V]>);
    },
  };
}

/** Checks a whole body. @throws Problem 422 with every fault */
export function validate<T>(schema: Schema<T>, value: unknown): T {
  const faults: Fault[] = [];
  const checked = schema.check(value, "", faults);
  if (faults.length > 0 || checked === undefined) throw invalid(faults);
  return checked;
}
