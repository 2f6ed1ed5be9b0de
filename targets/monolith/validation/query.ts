import { type IdPrefix, isId } from "../domain/ids.ts";
import { parseTime } from "../domain/time.ts";

/** Why one query parameter or header is refused. */
export interface ParameterIssue {
  readonly parameter: string;
  readonly detail: string;
}

/** Reads one parameter: the value, or what is wrong with it. */
export type ParameterReader<T> = (text: string) => { readonly value: T } | { readonly wrong: string };

export interface Parameter<T> {
  readonly read: ParameterReader<T>;
  readonly required: boolean;
}

export type QueryShape = Readonly<Record<string, Parameter<unknown>>>;
export type QueryOf<S extends QueryShape> = {
  readonly [K in keyof S]: S[K] extends Parameter<infer T> ? T | undefined : never;
};

export const filter = <T>(read: ParameterReader<T>): Parameter<T> => ({ read, required: false });
export const mandatory = <T>(read: ParameterReader<T>): Parameter<T> => ({ read, required: true });

export const choice =
  <const T extends string>(values: readonly T[]): ParameterReader<T> =>
  (text) =>
    values.includes(text as T) ? { value: text as T } : { wrong: `must be one of ${values.join(", ")}` };

export const idOf =
  (prefix: IdPrefix): ParameterReader<string> =>
  (text) =>
    isId(prefix, text) ? { value: text } : { wrong: `must be an id that begins with ${prefix}_` };

export const pattern =
  (expected: RegExp, meaning: string): ParameterReader<string> =>
  (text) =>
    expected.test(text) ? { value: text } : { wrong: `must be ${meaning}` };

export const time: ParameterReader<Date> = (text) => {
  const parsed = parseTime(text);
  return typeof parsed === "string" ? { wrong: parsed } : { value: parsed };
};

export const limit: ParameterReader<number> = (text) =>
  /^(?:[1-9][0-9]?|100)$/.test(text)
    ? { value: Number(text) }
    : { wrong: "must be a whole number from 1 to 100" };

/** Its length only; what it says is judged once the other filters are known. */
export const cursor: ParameterReader<string> = (text) =>
  text.length <= 1024 ? { value: text } : { wrong: "must have at most 1024 characters" };

/** Reads a query string: unknown, repeated, empty, missing and ill-formed parameters are all reported. */
export function readQuery<S extends QueryShape>(
  shape: S,
  search: string,
): { query: QueryOf<S>; issues: readonly ParameterIssue[] } {
  const wrong = new Map<string, string>();
  const query: Record<string, unknown> = {};
  const sent = new URLSearchParams(search);
  for (const name of new Set(sent.keys())) {
    const parameter = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const values = sent.getAll(name);
    if (parameter === undefined) wrong.set(name, "is not a parameter of this operation");
    else if (values.length > 1) wrong.set(name, "must not be repeated");
    else if (values[0] === "") wrong.set(name, "must not be empty");
    else {
      const read = parameter.read(values[0] ?? "");
      if ("wrong" in read) wrong.set(name, read.wrong);
      else query[name] = read.value;
    }
  }
  for (const [name, { required }] of Object.entries(shape))
    if (required && !sent.has(name)) wrong.set(name, "is required");
  return {
    query: query as QueryOf<S>,
    issues: [...wrong].map(([name, detail]) => ({ parameter: name === "" ? "(no name)" : name, detail })),
  };
}
