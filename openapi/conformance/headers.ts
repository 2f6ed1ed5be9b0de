import { type OperationModel, type ResponseHeader, resolveSchema } from "../model/index.ts";
import { type FindingParts, show } from "./finding.ts";
import { type Validator, validatorOf } from "./schema.ts";

export type HeaderCheck = (value: string | undefined) => readonly FindingParts[];

/** Holds one response header to `required` and its schema (OpenAPI 3.1, 4.8.21). */
export function headerCheck(model: OperationModel, header: ResponseHeader): HeaderCheck {
  const pointer = `header ${header.name}`;
  const schema = header.schema === undefined ? undefined : resolveSchema(model, header.schema);
  const types = typeOf(schema?.value);
  const validate: Validator = header.schema === undefined ? () => [] : validatorOf(model, header.schema);
  return (value) => {
    if (value === undefined)
      return header.required
        ? [{ kind: "header", pointer, got: "nothing", wanted: "the header, which is required" }]
        : [];
    return validate(read(value, types)).map((breach) => ({
      kind: "header",
      pointer: pointer + breach.pointer,
      got: show(breach.got),
      wanted: breach.wanted,
    }));
  };
}

function typeOf(schema: unknown): readonly string[] {
  if (schema === null || typeof schema !== "object") return [];
  return [(schema as { readonly type?: unknown }).type].flat().filter((type) => typeof type === "string");
}

/** Style `simple`: what is written, read as the schema's type; left a string where it cannot be. */
function read(text: string, types: readonly string[]): unknown {
  if (types.includes("integer") || types.includes("number"))
    return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
  if (types.includes("boolean")) return text === "true" ? true : text === "false" ? false : text;
  if (types.includes("array")) return text.split(",").map((item) => item.trim());
  return text;
}
