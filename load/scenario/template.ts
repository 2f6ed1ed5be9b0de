/** What the texts of a scenario may refer to. */
export type Variables = Readonly<Record<string, unknown>>;

const hole = /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/g;
const onlyHole = /^\{\{\s*([A-Za-z_][\w.]*)\s*\}\}$/;

/**
 * Fills `{{ name }}` and `{{ name.member }}` in every text of `value`. A text that is nothing but one of them
 * becomes what it stands for, with its type.
 */
export function fill(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    if (!value.includes("{{")) return value;
    const alone = onlyHole.exec(value)?.[1];
    return alone === undefined ? fillText(value, variables) : lookUp(alone, variables);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, variables)]));
}

export function fillText(text: string, variables: Variables): string {
  return text.replace(hole, (_, name: string) => String(lookUp(name, variables)));
}

/** The names (before any dot) that the texts of `value` refer to. */
export function namesIn(value: unknown): readonly string[] {
  return [...JSON.stringify(value ?? null).matchAll(hole)].map(
    (match) => (match[1] ?? "").split(".")[0] ?? "",
  );
}

/** Braces in `value` that are no `{{ name }}`: a function call or another expression. */
export function foreignHole(value: unknown): string | undefined {
  return /\{\{.*?\}\}/.exec(JSON.stringify(value ?? null).replaceAll(hole, ""))?.[0];
}

function lookUp(name: string, variables: Variables): unknown {
  return name
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], variables);
}
