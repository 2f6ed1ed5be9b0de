import {
  type LocatedSchema,
  type Operation,
  type OperationModel,
  type Response,
  resolveSchema,
} from "../../../openapi/model/index.ts";
import type { ValueKind } from "./fault.ts";

/** One property of a reply or of a request's body. */
export interface Field {
  /** JSON Pointer with `*` for every item of an array. */
  readonly pointer: string;
  readonly kind: ValueKind | "object" | "list";
  readonly required: boolean;
  readonly values?: readonly string[];
}

/** Every property of a schema, from the outside in; each alternative of a `oneOf` counts. */
export function fieldsOf(
  model: OperationModel,
  schema: LocatedSchema | undefined,
  at = "",
): readonly Field[] {
  if (schema === undefined || at.split("/").length > 7) return [];
  const { file, pointer, value } = resolveSchema(model, schema);
  if (typeof value === "boolean") return [];
  const child = (step: string, of: unknown): LocatedSchema => ({
    file,
    pointer: `${pointer}/${step}`,
    value: of as LocatedSchema["value"],
  });
  const required = new Set((value.required as readonly string[] | undefined) ?? []);
  const own = Object.entries((value.properties as Record<string, unknown> | undefined) ?? {}).flatMap(
    ([name, property]) => {
      const inner = child(`properties/${name}`, property);
      const path = `${at}/${name}`;
      return [fieldAt(model, inner, path, name, required.has(name)), ...fieldsOf(model, inner, path)];
    },
  );
  const items = value.items === undefined ? [] : fieldsOf(model, child("items", value.items), `${at}/*`);
  const alternatives = ((value.oneOf as readonly unknown[] | undefined) ?? []).flatMap((alternative, index) =>
    fieldsOf(model, child(`oneOf/${index}`, alternative), at),
  );
  const found = [...own, ...items, ...alternatives];
  return found.filter((field, index) => found.findIndex(({ pointer: p }) => p === field.pointer) === index);
}

function fieldAt(
  model: OperationModel,
  schema: LocatedSchema,
  pointer: string,
  name: string,
  required: boolean,
): Field {
  const { value } = resolveSchema(model, schema);
  const known = typeof value === "boolean" ? {} : value;
  const values = known.enum as readonly string[] | undefined;
  return {
    pointer,
    required,
    kind: kindOf(known, name),
    ...(values !== undefined && values.length > 1 && { values }),
  };
}

function kindOf(schema: Readonly<Record<string, unknown>>, name: string): Field["kind"] {
  const type = [schema.type].flat().find((one) => one !== "null");
  if (Array.isArray(schema.enum) && schema.enum.length > 1) return "enum";
  if (type === "integer" || type === "number") {
    return schema.maximum === Number.MAX_SAFE_INTEGER ? "money" : "count";
  }
  if (type === "boolean") return "flag";
  if (type === "array") return "list";
  if (type === "object" || schema.properties !== undefined || schema.oneOf !== undefined) return "object";
  if (schema.format === "date-time") return "time";
  if (name === "id" || name.endsWith("Id")) return "id";
  return String(schema.pattern ?? "").startsWith("^(0|[1-9]") ? "decimal" : "text";
}

/** The first documented success of an operation. */
export function successOf(operation: Operation): Response | undefined {
  return operation.responses.find(({ status }) => status.startsWith("2"));
}
