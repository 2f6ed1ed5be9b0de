import { type IdPrefix, isId } from "./ids.ts";
import { type Fault, Problem } from "./problem.ts";
import { formatTime, parseTime } from "./time.ts";

/** Reads one query parameter: answers what it means, or undefined when it is not valid. */
export type Parameter = (text: string) => string | undefined;

/** The documented query parameters of an operation. */
export interface QuerySpec {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly required?: readonly string[];
}

export const oneOfText =
  (...values: readonly string[]): Parameter =>
  (text) =>
    values.includes(text) ? text : undefined;

export const idText =
  (prefix: IdPrefix): Parameter =>
  (text) =>
    isId(prefix, text) ? text : undefined;

export const matchingText =
  (pattern: RegExp): Parameter =>
  (text) =>
    pattern.test(text) ? text : undefined;

/** An instant; becomes UTC with milliseconds. */
export const timeText: Parameter = (text) => {
  const at = parseTime(text);
  return at === undefined ? undefined : formatTime(at);
};

/** 1–100. */
export const limitText: Parameter = (text) => (/^([1-9][0-9]?|100)$/.test(text) ? text : undefined);

/** Looks like a cursor; whether it is one of this list shows later. */
export const cursorText: Parameter = (text) => (text.length <= 1024 ? text : undefined);

/** 400 for one or more bad parameters or headers. */
export const malformed = (faults: readonly Fault[]): Problem =>
  new Problem("malformed-request", "The query or a header is not valid.", { errors: faults });

/** Reads a raw query string. Unknown, repeated, empty, missing and ill-formed parameters become faults. */
export function readQuery(raw: string, spec: QuerySpec, faults: Fault[]): Readonly<Record<string, string>> {
  const sent = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(raw)) sent.set(name, [...(sent.get(name) ?? []), value]);
  const read: Record<string, string> = {};
  for (const [name, values] of sent) {
    const parameter = Object.hasOwn(spec.parameters, name) ? spec.parameters[name] : undefined;
    const [value = ""] = values;
    const meaning = value === "" ? undefined : parameter?.(value);
    if (!parameter) faults.push({ parameter: name || "?", detail: "is not known" });
    else if (values.length > 1) faults.push({ parameter: name, detail: "is given more than once" });
    else if (meaning === undefined) faults.push({ parameter: name, detail: "is not valid" });
    else read[name] = meaning;
  }
  for (const name of spec.required ?? [])
    if (!sent.has(name)) faults.push({ parameter: name, detail: "is required" });
  // A rule between parameters is looked at when each of them holds.
  if (faults.length === 0 && read.from !== undefined && read.to !== undefined && read.from >= read.to)
    faults.push({ parameter: "to", detail: "must be after from" });
  return read;
}
