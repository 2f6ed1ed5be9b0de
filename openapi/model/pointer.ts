/** JSON Pointer, RFC 6901. */

/** One name as a reference token: `~` and `/` escaped. */
export function escapeToken(name: string | number): string {
  return String(name).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The pointer with the names appended. */
export function join(pointer: string, ...names: readonly (string | number)[]): string {
  return names.reduce<string>((path, name) => `${path}/${escapeToken(name)}`, pointer);
}

/** The names of a pointer; `""` has none. */
export function tokens(pointer: string): readonly string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What the pointer names in `root`, or `undefined` when there is nothing. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const token of tokens(pointer)) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
}

/** The pointer as a URI fragment (RFC 6901, section 6), without `#`. */
export function toFragment(pointer: string): string {
  return tokens(pointer)
    .map((token) => `/${encodeURIComponent(escapeToken(token))}`)
    .join("");
}

/** A deep copy of `root` in which the value at the pointer is another one, or is gone (`undefined`). */
export function replaceAt(root: unknown, pointer: string, value: unknown): unknown {
  const names = tokens(pointer);
  const last = names.at(-1);
  if (last === undefined) return value;
  const copy = structuredClone(root);
  const parent = valueAt(copy, join("", ...names.slice(0, -1)));
  if (parent === null || typeof parent !== "object") throw new TypeError(`nothing at ${pointer}`);
  if (value !== undefined)
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return copy;
}
