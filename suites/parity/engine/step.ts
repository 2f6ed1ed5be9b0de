import { stepsIn, type Template } from "../generate/template.ts";

/** Whose credentials a request carries. */
export type Who =
  | "owner"
  /** Another account of its own. */
  | "stranger"
  | "nobody"
  /** The owner, with the authentication scheme written in another case: it has none (RFC 9110, 11.1). */
  | "respelled"
  /** Credentials that a step's reply handed out: the place in the user file's list. */
  | { readonly step: number; readonly issued: number };

/** One request of a sequence. */
export interface Step {
  /** Unique in its sequence, kept while it is shrunk. */
  readonly id: number;
  readonly operation: string;
  readonly who: Who;
  readonly path: Readonly<Record<string, Template>>;
  readonly query: Readonly<Record<string, Template>>;
  readonly headers: Readonly<Record<string, Template>>;
  readonly body?: Template;
  readonly contentType?: string;
  /** Sent at the same moment as the step before it: a race. */
  readonly together?: boolean;
  /** A read that is repeated until the reply rests: what came before is asynchronous. */
  readonly settle?: boolean;
}

/** The steps that this one needs to have run before. */
export function needsOf(step: Step): ReadonlySet<number> {
  const found = new Set<number>();
  if (typeof step.who === "object") found.add(step.who.step);
  for (const part of [step.path, step.query, step.headers, step.body]) stepsIn(part as Template, found);
  return found;
}

/** Everything a step rests on, itself included. */
export function closureOf(steps: readonly Step[], last: Step): ReadonlySet<number> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const found = new Set<number>();
  const visit = (id: number): void => {
    const step = byId.get(id);
    if (step === undefined || found.has(id)) return;
    found.add(id);
    for (const needed of needsOf(step)) visit(needed);
  };
  visit(last.id);
  return found;
}
