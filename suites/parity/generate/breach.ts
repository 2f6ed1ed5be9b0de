import { validatorOf } from "../../../openapi/conformance/index.ts";
import { type LocatedSchema, type OperationModel, resolveSchema } from "../../../openapi/model/index.ts";
import { escapeToken, replaceAt, valueAt } from "../../../openapi/model/pointer.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { memberSchema } from "../../../openapi/mutate/places.ts";
import type { Random } from "../random.ts";

/** A body that breaks its schema at one place, where the valid one was right. */
export interface Breach {
  readonly pointer: string;
  readonly body: unknown;
}

/**
 * Bodies near a valid one that break one keyword each. Quicker than `bodyViolations`, which finds each keyword of
 * each schema for certain: here some of them do, another sequence breaks others.
 * @param valid with every symbol resolved
 */
export function breachesOf(
  model: OperationModel,
  schema: LocatedSchema,
  valid: unknown,
  random: Random,
  most: number,
): readonly Breach[] {
  const validate = validatorOf(model, schema);
  const found: Breach[] = [];
  for (const { pointer, value } of random.shuffled(candidates(model, schema, valid))) {
    if (found.length >= most) break;
    const body = replaceAt(valid, pointer, value);
    const places = new Set(validate(body).map((breach) => breach.pointer));
    if (places.size === 1) found.push({ pointer, body });
  }
  return found;
}

interface Candidate {
  readonly pointer: string;
  /** `undefined` leaves it out. */
  readonly value: unknown;
}

function candidates(model: OperationModel, schema: LocatedSchema, valid: unknown): readonly Candidate[] {
  const found: Candidate[] = [{ pointer: "/unknownMember", value: "x" }];
  const visit = (at: LocatedSchema, pointer: string, depth: number): void => {
    const value = valueAt(valid, pointer);
    if (pointer !== "")
      found.push(
        { pointer, value: undefined },
        ...wrong(model, at, value).map((other) => ({ pointer, value: other })),
      );
    if (depth > 3) return;
    if (Array.isArray(value)) {
      const items = memberSchema(model, at, "", "0");
      if (items !== undefined && value.length > 0) visit(items, `${pointer}/0`, depth + 1);
    } else if (isRecord(value))
      for (const name of Object.keys(value)) {
        const member = memberSchema(model, at, "", name);
        if (member !== undefined) visit(member, `${pointer}/${escapeToken(name)}`, depth + 1);
      }
  };
  visit(schema, "", 0);
  return found;
}

/** Values that some keyword of the schema may forbid. */
function wrong(model: OperationModel, schema: LocatedSchema, value: unknown): readonly unknown[] {
  const raw = resolveSchema(model, schema).value;
  if (!isRecord(raw)) return [];
  const number = (name: string): number | undefined =>
    typeof raw[name] === "number" ? raw[name] : undefined;
  const others: unknown[] = [null, true, {}, [], typeof value === "string" ? 7 : "text"];
  if (typeof value === "string") {
    const most = number("maxLength");
    others.push("", " ", `${value} `, `!${value}`, value.toUpperCase(), "no_such_value", "a\u0000b");
    if (most !== undefined && most < 3000)
      others.push("x".repeat(most + 1), `${value}${"0".repeat(most)}`.slice(0, most + 1));
    if (raw.format === "date-time") others.push("2026-02-30T12:00:00Z", "2026-01-31", "2026-01-31 12:00:00");
  }
  if (typeof value === "number") {
    const least = number("minimum") ?? number("exclusiveMinimum");
    const most = number("maximum") ?? number("exclusiveMaximum");
    others.push(
      value + 0.5,
      -1,
      ...(least === undefined ? [] : [least - 1]),
      ...(most === undefined ? [] : [most + 1]),
    );
  }
  if (Array.isArray(value)) others.push([...value, ...value]);
  return others;
}
