import { UnknownInSpec } from "../errors.ts";
import { type Example, type LocatedSchema, type OperationModel, operationById } from "../model/index.ts";
import { join, replaceAt, valueAt } from "../model/pointer.ts";
import { fits, isRecord } from "./pin.ts";
import { memberNames, memberSchema } from "./places.ts";
import { sample } from "./sample.ts";
import { type Uncovered, type Violation, type Violations, violationsOf } from "./violations.ts";

/** The schema of an operation's JSON body. @throws UnknownInSpec when it has none */
export function bodySchema(model: OperationModel, operationId: string): LocatedSchema {
  const media = operationById(model, operationId).requestBody?.media.find(({ type }) =>
    /[/+]json/.test(type),
  );
  if (media?.schema !== undefined) return media.schema;
  throw new UnknownInSpec({
    what: `${operationId} has no JSON request body with a schema.`,
    where: operationById(model, operationId).file,
    got: media === undefined ? "no JSON request body" : "no schema",
    wanted: "an operation with a request body",
    next: "Ask only operations whose requestBody is not undefined.",
  });
}

/**
 * Valid bodies of an operation: the documented examples that hold, or one made up where there is none; then,
 * for each, the same with every optional member that may be added. Distinct, in a fixed order.
 */
export function validBodies(model: OperationModel, operationId: string): readonly Example[] {
  const schema = bodySchema(model, operationId);
  const media = operationById(model, operationId).requestBody?.media.find((each) => each.schema === schema);
  const given = (media?.examples ?? []).filter((example) => fits(model, schema, example.value));
  const made = sample(model, schema);
  const first = given.length > 0 || made === undefined ? given : [{ name: "made up", value: made }];
  const full = first.map(({ name, value }) => ({
    name: `${name}, filled`,
    value: fill(model, schema, value),
  }));
  const seen = new Map<string, Example>();
  for (const example of [...first, ...full]) {
    const key = JSON.stringify(example.value);
    if (!seen.has(key)) seen.set(key, example);
  }
  return [...seen.values()];
}

/** Each keyword of an operation's body schema broken once, over all its valid bodies. */
export function bodyViolations(model: OperationModel, operationId: string): Violations {
  const schema = bodySchema(model, operationId);
  const violations = new Map<string, Violation>();
  const uncovered = new Map<string, Uncovered>();
  for (const { value } of validBodies(model, operationId)) {
    const found = violationsOf(model, schema, value);
    for (const each of found.violations) if (!violations.has(each.id)) violations.set(each.id, each);
    for (const each of found.uncovered) uncovered.set(each.id, each);
  }
  const distinct = new Map(
    [...violations.values()].reverse().map((each) => [JSON.stringify([each.pointer, each.body]), each]),
  );
  const open = [...uncovered.values()].filter((each) => !violations.has(each.id));
  return { violations: [...distinct.values()].reverse(), uncovered: open };
}

/** Every optional member that the schema names, one after the other, where the body stays valid. */
function fill(model: OperationModel, schema: LocatedSchema, body: unknown): unknown {
  let filled = body;
  const visit = (pointer: string): void => {
    const value = valueAt(filled, pointer);
    if (Array.isArray(value)) for (const index of value.keys()) visit(join(pointer, index));
    if (!isRecord(value)) return;
    for (const name of memberNames(model, schema, pointer)) {
      if (Object.hasOwn(valueAt(filled, pointer) as object, name)) continue;
      const member = memberSchema(model, schema, pointer, name);
      const added = member === undefined ? undefined : sample(model, member);
      if (added === undefined) continue;
      const longer = replaceAt(filled, join(pointer, name), added);
      if (fits(model, schema, longer)) filled = longer;
    }
    for (const name of Object.keys(valueAt(filled, pointer) as object)) visit(join(pointer, name));
  };
  visit("");
  return filled;
}
