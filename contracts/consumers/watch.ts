/** JSON Pointers, with `*` for any item of an array. */
export type Pointers = ReadonlySet<string>;

/**
 * A view of a JSON value that notes every leaf and container read through it, so that a pact can be held to what
 * its consumer really uses.
 */
export function watch<T>(value: T, read: Set<string>, at = ""): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      if (typeof name === "symbol" || typeof found === "function") return found;
      if (Array.isArray(target) && !/^\d+$/.test(name)) return found;
      const pointer = `${at}/${Array.isArray(target) ? "*" : name}`;
      read.add(pointer);
      return watch(found, read, pointer);
    },
  });
}

/** Every leaf of a value: what is neither an object nor an array with something in it. */
export function leavesOf(value: unknown, at = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [at];
  const inner = Array.isArray(value)
    ? value.flatMap((item) => leavesOf(item, `${at}/*`))
    : Object.entries(value).flatMap(([name, item]) => leavesOf(item, `${at}/${name}`));
  return inner.length === 0 ? [at] : [...new Set(inner)];
}
