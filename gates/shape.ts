/**
 * Shapes: what data from outside (evidence files, the configuration) must look like. One declaration gives
 * the TypeScript type and the check, so that they cannot differ.
 */
export interface Issue {
  /** JSON Pointer to the offending value; "" is the whole. */
  readonly pointer: string;
  readonly got: string;
  readonly wanted: string;
}

export interface Shape<T> {
  /** What is wanted, in words for messages and documentation. */
  readonly wanted: string;
  /** Adds what is wrong with `value` to `issues`. */
  check(value: unknown, pointer: string, issues: Issue[]): void;
  /** The fields of an object. */
  readonly fields?: Readonly<Record<string, Shape<unknown>>>;
  /** The shape of what a list, a map or a null stands beside. */
  readonly inner?: Shape<unknown>;
  /** Never present at run time: carries the type. */
  readonly type?: T;
}

export interface ObjectShape<T> extends Shape<T> {
  readonly fields: Readonly<Record<string, Shape<unknown>>>;
}

/** The type a shape stands for. */
export type Of<S> = S extends Shape<infer T> ? T : never;

interface Optional<T> extends Shape<T> {
  readonly optional: true;
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];
type ObjectOf<F> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Of<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: Of<F[K]>;
};
/** Flattens an intersection so that editors show plain fields. */
type Plain<T> = { [K in keyof T]: T[K] };

/** A value in an error message: short, and never more than its beginning. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function leaf<T>(wanted: string, holds: (value: unknown) => boolean): Shape<T> {
  return {
    wanted,
    check(value, pointer, issues) {
      if (!holds(value)) issues.push({ pointer, got: show(value), wanted });
    },
  };
}

const finite = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

export const text = leaf<string>("a string", (v) => typeof v === "string");
export const name = leaf<string>("a string that is not empty", (v) => typeof v === "string" && v !== "");
export const flag = leaf<boolean>("true or false", (v) => typeof v === "boolean");
export const number = leaf<number>("a finite number", finite);
export const positive = leaf<number>("a number above 0", (v) => finite(v) && v > 0);
export const atLeast0 = leaf<number>("a number of at least 0", (v) => finite(v) && v >= 0);
export const count = leaf<number>(
  "a whole number of at least 0",
  (v) => Number.isSafeInteger(v) && (v as number) >= 0,
);
export const positiveCount = leaf<number>(
  "a whole number above 0",
  (v) => Number.isSafeInteger(v) && (v as number) > 0,
);
export const port = leaf<number>(
  "a port from 0 to 65535",
  (v) => Number.isSafeInteger(v) && (v as number) >= 0 && (v as number) <= 65_535,
);
export const instant = leaf<string>(
  "an instant like 2026-01-31T12:00:00.000Z",
  (v) =>
    typeof v === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(v) &&
    !Number.isNaN(Date.parse(v)),
);

/** Exactly one of the given strings. */
export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return leaf(`one of ${values.join(", ")}`, (v) => (values as readonly unknown[]).includes(v));
}

/** A leaf with a check of its own. */
export function custom<T>(wanted: string, holds: (value: unknown) => boolean): Shape<T> {
  return leaf(wanted, holds);
}

/** The first shape that fits; when none does, one issue that names them all. */
export function either<A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> {
  const wanted = `${a.wanted}, or ${b.wanted}`;
  return leaf(wanted, (v) => issuesOf(a, v).length === 0 || issuesOf(b, v).length === 0);
}

export function orNull<T>(inner: Shape<T>): Shape<T | null> {
  return {
    wanted: `${inner.wanted}, or null`,
    inner,
    check(value, pointer, issues) {
      if (value !== null) inner.check(value, pointer, issues);
    },
  };
}

/** A field that may be left out. */
export function optional<T>(inner: Shape<T>): Optional<T> {
  return { ...inner, optional: true };
}

export function list<T>(inner: Shape<T>): Shape<readonly T[]> {
  return {
    wanted: `a list, each ${inner.wanted}`,
    inner,
    check(value, pointer, issues) {
      if (!Array.isArray(value)) {
        issues.push({ pointer, got: show(value), wanted: "a list" });
        return;
      }
      value.forEach((item, index) => {
        inner.check(item, `${pointer}/${index}`, issues);
      });
    },
  };
}

/** A map from names to values of one shape. */
export function mapOf<T>(inner: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    wanted: `a map of names to ${inner.wanted}`,
    inner,
    check(value, pointer, issues) {
      if (!isObject(value)) {
        issues.push({ pointer, got: show(value), wanted: "an object" });
        return;
      }
      for (const [key, item] of Object.entries(value))
        inner.check(item, `${pointer}/${pointerPart(key)}`, issues);
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pointerPart(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * An object with the given fields. `closed` objects refuse other fields, so that a misspelt setting is an
 * error; open ones ignore them, so that a newer writer does not break an older reader.
 */
export function object<const F extends Fields>(
  fields: F,
  mode: "open" | "closed" = "open",
): ObjectShape<Plain<ObjectOf<F>>> {
  const entries = Object.entries(fields).map(
    ([key, shape]) => ({ key, shape, part: `/${pointerPart(key)}`, mayMiss: "optional" in shape }) as const,
  );
  return {
    wanted: "an object",
    fields,
    check(value, pointer, issues) {
      if (!isObject(value)) {
        issues.push({ pointer, got: show(value), wanted: "an object" });
        return;
      }
      for (const { key, shape, part, mayMiss } of entries) {
        const item = value[key];
        if (item === undefined && mayMiss) continue;
        shape.check(item, pointer + part, issues);
      }
      if (mode === "open") return;
      for (const key of Object.keys(value)) {
        if (Object.hasOwn(fields, key)) continue;
        const wanted = `no such setting; known are ${Object.keys(fields).join(", ")}`;
        issues.push({ pointer: `${pointer}/${pointerPart(key)}`, got: show(value[key]), wanted });
      }
    },
  };
}

/** Everything that is wrong with `value`; empty when it fits. */
export function issuesOf(shape: Shape<unknown>, value: unknown): readonly Issue[] {
  const issues: Issue[] = [];
  shape.check(value, "", issues);
  return issues;
}
