/**
 * A request before it is sent: JSON in which symbols stand for what only a side can tell, such as the id that it
 * issued. The same template, resolved for each side, is the same request.
 */
export type Template = Json | Symbolic | readonly Template[] | { readonly [member: string]: Template };
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** What a symbol stands for. Steps are named by their id. */
export type Symbolic =
  /** A place in the body of a step's reply. */
  | { readonly $sym: "reply"; readonly step: number; readonly pointer: string }
  /** A header of a step's reply. */
  | { readonly $sym: "header"; readonly step: number; readonly name: string }
  /** The last path segment of a step's `Location`. */
  | { readonly $sym: "location"; readonly step: number }
  /** A value that came with the account. */
  | { readonly $sym: "account"; readonly name: string }
  /** A text whose `NONCE` becomes digits that differ for each account. */
  | { readonly $sym: "unique"; readonly text: string };

/** Stands in a text for an account's own digits: a character that no text is likely to have. */
export const NONCE = "\ue000";

export function isSymbolic(value: unknown): value is Symbolic {
  return value !== null && typeof value === "object" && Object.hasOwn(value, "$sym");
}

/** A copy in which `of` has replaced each symbol. */
export function resolveTemplate(template: Template, of: (symbol: Symbolic) => unknown): unknown {
  if (template === null || typeof template !== "object") return template;
  if (isSymbolic(template)) return of(template);
  if (Array.isArray(template)) return template.map((item: Template) => resolveTemplate(item, of));
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => [name, resolveTemplate(value as Template, of)]),
  );
}

/** The steps that a template needs to have run before. */
export function stepsIn(template: Template | undefined, found = new Set<number>()): Set<number> {
  if (template === undefined || template === null || typeof template !== "object") return found;
  if (isSymbolic(template)) {
    if ("step" in template) found.add(template.step);
  } else for (const value of Object.values(template)) stepsIn(value as Template, found);
  return found;
}
