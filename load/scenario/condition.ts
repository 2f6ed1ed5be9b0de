import { compileExpression } from "filtrex";
import type { Variables } from "./template.ts";

type Condition = (variables: Variables) => unknown;
const compiled = new Map<string, Condition>();

/** Whether an `ifTrue` expression holds, in the language Artillery uses (filtrex). What cannot be told holds. */
export function holds(expression: string, variables: Variables): boolean {
  let condition = compiled.get(expression);
  if (condition === undefined) {
    condition = compileExpression(expression) as Condition;
    compiled.set(expression, condition);
  }
  try {
    return Boolean(condition(variables));
  } catch {
    // As Artillery has it: a request whose condition fails is sent.
    return true;
  }
}

/** Why an expression cannot be read, if so. */
export function conditionProblem(expression: string): string | undefined {
  try {
    compileExpression(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
