/** What the texts of a scenario may refer to. A user's own: functions may write to it. */
export type Variables = Record<string, unknown>;

/** Fills what it was made of. */
export type Filler<T = unknown> = (variables: Variables) => T;

/** `{{ name }}`, `{{ name.member }}`, `{{ name[0] }}`; Artillery's triple braces mean the same. */
const hole = /\{{2,3}\s*(\$?[A-Za-z_][\w$.[\]'"-]*|\$[A-Za-z]+\s*\([\w\s,]*\))\s*\}{2,3}/g;
const onlyHole = new RegExp(`^${hole.source}$`);
const call = /^(\$[A-Za-z]+)\s*\(([\w\s,]*)\)$/;

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const functions: Readonly<Record<string, (...args: readonly number[]) => unknown>> = {
  $randomNumber: (min = 0, max = 1) => min + Math.floor(Math.random() * (max - min + 1)),
  $randomString: (length = 10) =>
    Array.from({ length }, () => letters[Math.floor(Math.random() * letters.length)]).join(""),
};

/**
 * Prepares `value` for being filled many times: every hole in every text of it. A text that is nothing but one
 * hole becomes what it stands for, with its type. What has no holes is filled by itself.
 */
export function compileTemplate(value: unknown): Filler {
  if (typeof value === "string") return compileText(value) ?? (() => value);
  if (!hasHole(value)) return () => value;
  if (Array.isArray(value)) {
    const items = value.map(compileTemplate);
    return (variables) => items.map((item) => item(variables));
  }
  const members = Object.entries(value as object).map(
    ([key, item]) => [compileTemplate(key), compileTemplate(item)] as const,
  );
  return (variables) =>
    Object.fromEntries(members.map(([key, item]) => [String(key(variables)), item(variables)]));
}

/** Fills `value` once. */
export function fill(value: unknown, variables: Variables): unknown {
  return compileTemplate(value)(variables);
}

/** As `compileTemplate`, for what must be a text in the end. */
export function compileToText(text: string): Filler<string> {
  const filler = compileText(text);
  return filler === undefined ? () => text : (variables) => asText(filler(variables));
}

/** Whether `value` holds anything to be filled. */
export function hasHole(value: unknown): boolean {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => text(key) || hasHole(item));
}

/** The names (before any dot) that the texts of `value` refer to, functions left out. */
export function namesIn(value: unknown): readonly string[] {
  return [...JSON.stringify(value ?? null).matchAll(hole)]
    .map((match) => match[1] ?? "")
    .filter((inside) => !call.test(inside))
    .map((inside) => inside.split(/[.[]/)[0] ?? "");
}

/** Braces in `value` that are no hole, or call a function that is not there. */
export function foreignHole(value: unknown): string | undefined {
  const all = JSON.stringify(value ?? null);
  const rest = all.replaceAll(hole, (whole, inside: string) => {
    const name = call.exec(inside)?.[1];
    return name === undefined || Object.hasOwn(functions, name) ? "" : whole;
  });
  return /\{\{.*?\}\}/.exec(rest)?.[0];
}

const text = (value: string): boolean => value.includes("{{");

/** Undefined for a text without holes. */
function compileText(given: string): Filler | undefined {
  if (!text(given)) return undefined;
  const alone = onlyHole.exec(given)?.[1];
  if (alone !== undefined) return compileHole(alone);
  const parts: (string | Filler)[] = [];
  let last = 0;
  for (const match of given.matchAll(hole)) {
    parts.push(given.slice(last, match.index), compileHole(match[1] ?? ""));
    last = match.index + match[0].length;
  }
  parts.push(given.slice(last));
  return (variables) =>
    parts.map((part) => (typeof part === "string" ? part : asText(part(variables)))).join("");
}

function compileHole(inside: string): Filler {
  const [, name, args] = call.exec(inside) ?? [];
  if (name !== undefined) {
    const numbers = (args ?? "").split(",").flatMap((arg) => (arg.trim() === "" ? [] : [Number(arg)]));
    return () => functions[name]?.(...numbers);
  }
  const keys = [...inside.matchAll(/[^.[\]'"]+/g)].map(([key]) => key);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return (variables) => variables[only];
  return (variables) =>
    keys.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined | null)?.[key],
      variables,
    );
}

function asText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
