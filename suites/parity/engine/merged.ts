import { resolveTemplate, stepsIn, type Template } from "../generate/template.ts";
import type { Step } from "./step.ts";

/**
 * The steps without one of them: whatever named what it made names what the first made.
 * @returns `undefined` where either is not there
 */
export function merged(steps: readonly Step[], first: number, twin: number): readonly Step[] | undefined {
  const kept = steps.find(({ id }) => id === first);
  if (kept === undefined || !steps.some(({ id }) => id === twin)) return undefined;
  // Whoever waits for the twin alone waits for nothing now.
  const others = steps.filter(
    ({ id, settle, path }) => id !== twin && !(settle && stepsIn(path as Template).has(twin)),
  );
  const one = (template: Template): Template =>
    resolveTemplate(template, (symbol) =>
      "step" in symbol && symbol.step === twin ? { ...symbol, step: first } : symbol,
    ) as Template;
  return others.map((step) => ({
    ...step,
    who: typeof step.who === "object" && step.who.step === twin ? { ...step.who, step: first } : step.who,
    path: one(step.path as Template) as Step["path"],
    query: one(step.query as Template) as Step["query"],
    headers: one(step.headers as Template) as Step["headers"],
    ...(step.body !== undefined && { body: one(step.body) }),
  }));
}
