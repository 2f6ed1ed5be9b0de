import { UsageError } from "../../gates/exit.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The error for what a scenario says and this engine does not know: nothing is ignored. */
export function refuse(where: string, got: string | undefined, wanted: string): UsageError {
  return new UsageError({
    what: "The scenario cannot be run: this engine ignores nothing, and does not know this.",
    where,
    got: got ?? "nothing",
    wanted,
  });
}

export function onlyKeys(given: Json, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw refuse(where, unknown, `one of ${known.join(", ")}`);
}

/** `given`, which may be one thing or a list of them. */
export function many<T>(given: unknown, where: string, read: (one: Json, where: string) => T): readonly T[] {
  if (given === undefined) return [];
  const all = Array.isArray(given) ? given : [given];
  return all.map((one, index) => read(object(one, `${where}/${index}`), `${where}/${index}`));
}

/** Names of functions: one or a list of them. */
export function names(given: unknown, where: string): readonly string[] {
  if (given === undefined) return [];
  return (Array.isArray(given) ? given : [given]).map((one) => text(one, where));
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration as Artillery writes it: seconds as a number, or "500ms", "2s", "1m". */
export function duration(given: unknown, where: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(String(given)) ?? [];
  if (Number(amount) > 0) return Number(amount) * (units[unit] ?? 1000);
  throw refuse(where, JSON.stringify(given), 'seconds above 0, or a duration like "500ms"');
}

export function whole(given: unknown, where: string): number {
  if (Number.isSafeInteger(given) && (given as number) > 0) return given as number;
  throw refuse(where, JSON.stringify(given), "a whole number above 0");
}

export function text(given: unknown, where: string): string {
  if (typeof given === "string" && given !== "") return given;
  throw refuse(where, JSON.stringify(given), "a text");
}

export function flag(given: unknown, where: string, fallback: boolean): boolean {
  if (given === undefined) return fallback;
  if (typeof given === "boolean") return given;
  throw refuse(where, JSON.stringify(given), "true or false");
}

/** A map of names to texts; numbers and flags are taken as what they look like. */
export function texts(given: unknown, where: string): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  return Object.fromEntries(
    Object.entries(object(given, where)).map(([name, value]) => [
      name,
      typeof value === "number" || typeof value === "boolean"
        ? String(value)
        : text(value, `${where}/${name}`),
    ]),
  );
}

export function object(given: unknown, where: string): Json {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Json;
  throw refuse(where, JSON.stringify(given), "a map");
}

export function list(given: unknown, where: string): readonly unknown[] {
  if (Array.isArray(given) && given.length > 0) return given;
  throw refuse(where, JSON.stringify(given), "a list of steps");
}
