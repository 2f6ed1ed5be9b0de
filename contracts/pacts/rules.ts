import type { Matcher, Rules } from "./types.ts";

/**
 * What a pact asks of a place in a body. A rule holds for what is below it too, until another one follows: within
 * `eachLike` a plain value is asked for by its type alone.
 * @param pointer JSON Pointer with `*` for any item
 */
export function ruleAt(rules: Rules | undefined, pointer: string): readonly Matcher[] | undefined {
  const steps = pointer.split("/").slice(1);
  for (let length = steps.length; length >= 0; length--) {
    const path = `$${steps
      .slice(0, length)
      .map((step) => (step === "*" ? "[*]" : `.${step}`))
      .join("")}`;
    const found = rules?.[path]?.matchers;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a value other than the example would break the pact. */
export function rejects(matchers: readonly Matcher[] | undefined, example: unknown, value: unknown): boolean {
  if (matchers === undefined) return value !== example;
  return matchers.some(({ match, regex }) => {
    if (match === "equality") return value !== example;
    if (match === "regex") return !new RegExp(`^(?:${regex ?? ""})$`).test(String(value));
    if (match === "integer") return !Number.isInteger(value);
    return typeof value !== typeof example || (value === null) !== (example === null);
  });
}
