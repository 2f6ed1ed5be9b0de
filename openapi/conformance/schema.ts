import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { SchemaUnusable } from "../errors.ts";
import type { LocatedSchema, OperationModel } from "../model/index.ts";
import { join, toFragment } from "../model/pointer.ts";
import { explain } from "./explain.ts";

/** What Ajv may meet around the schemas of an OpenAPI document, and in them beyond JSON Schema (OpenAPI 3.1, 4.8.24). */
export const OPENAPI_WORDS = [
  ...[
    "openapi",
    "info",
    "jsonSchemaDialect",
    "servers",
    "paths",
    "webhooks",
    "components",
    "security",
    "tags",
  ],
  ...["externalDocs", "discriminator", "xml", "example"],
];

/** One breach of a schema by a value. */
export interface SchemaBreach {
  /** The JSON Schema keyword. */
  readonly keyword: string;
  /** Into the value; names the member itself where one is missing or unknown. */
  readonly pointer: string;
  /** What stands there; `undefined` where a member is missing. */
  readonly got: unknown;
  readonly wanted: string;
}

/** A schema that values can be held to (JSON Schema 2020-12, formats asserted). */
export type Validator = (value: unknown) => readonly SchemaBreach[];

const instances = new WeakMap<OperationModel, Ajv2020>();
const validators = new WeakMap<OperationModel, Map<string, Validator>>();

/** The validator of a schema in the model's documents; compiled once. @throws SchemaUnusable */
export function validatorOf(model: OperationModel, schema: LocatedSchema): Validator {
  let known = validators.get(model);
  if (known === undefined) {
    known = new Map();
    validators.set(model, known);
  }
  const uri = schemaUri(schema.file, schema.pointer);
  const ready = known.get(uri);
  if (ready !== undefined) return ready;
  const validate = compile(ajvOf(model), { $ref: uri }, `${schema.file}#${schema.pointer}`);
  const validator: Validator = (value) =>
    validate(value) ? [] : explain(model, schema, validate.errors ?? []).map(breachOf);
  known.set(uri, validator);
  return validator;
}

/** Compiles a schema of one's own, whose `$ref`s may be `schemaUri`s of the model. @throws SchemaUnusable */
export function compileSchema(model: OperationModel, schema: object, name: string): Validator {
  const validate = compile(ajvOf(model), schema, name);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(breachOf));
}

/** The absolute name of a schema within the model. */
export function schemaUri(file: string, pointer: string): string {
  const path = file
    .split(/[\\/]/)
    .map((name) => encodeURIComponent(name))
    .join("/");
  return `https://spec.local${path}#${toFragment(pointer)}`;
}

function compile(ajv: Ajv2020, schema: object, name: string): ValidateFunction {
  try {
    return ajv.compile(schema);
  } catch (cause) {
    throw new SchemaUnusable(
      {
        what: "A schema cannot be used.",
        where: name,
        got: cause instanceof Error ? cause.message : String(cause),
        wanted: "a JSON Schema of draft 2020-12",
        next: "Mend the schema.",
      },
      { cause },
    );
  }
}

/** Unknown keywords and formats of foreign documents are annotations; the lint of our own is strict. */
function ajvOf(model: OperationModel): Ajv2020 {
  const known = instances.get(model);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    verbose: true,
    logger: false,
    validateSchema: false,
  });
  addFormats.default(ajv);
  // RFC 3339 as written: no lower case, no blank in place of the T, which ajv-formats lets pass.
  const dateTime = ajv.formats["date-time"] as { readonly validate: (text: string) => boolean };
  const validate = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && dateTime.validate(text);
  ajv.addFormat("date-time", { type: "string", validate });
  ajv.addVocabulary(OPENAPI_WORDS);
  for (const { file, root } of model.documents.values())
    ajv.addSchema({ ...root, $id: schemaUri(file, "").slice(0, -1) }, undefined, false, false);
  instances.set(model, ajv);
  return ajv;
}

function breachOf(error: ErrorObject): SchemaBreach {
  const params = error.params as Readonly<Record<string, unknown>>;
  const member = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  const missing = params.missingProperty !== undefined;
  const at = typeof member === "string" ? join(error.instancePath, member) : error.instancePath;
  const got = missing
    ? undefined
    : typeof member === "string"
      ? (error.data as Record<string, unknown>)[member]
      : error.data;
  return { keyword: error.keyword, pointer: at, got, wanted: wantedBy(error, params, missing, member) };
}

function wantedBy(
  error: ErrorObject,
  params: Readonly<Record<string, unknown>>,
  missing: boolean,
  member: unknown,
): string {
  if (missing) return "the member, which is required";
  if (typeof member === "string") return "no member that the schema does not name";
  if (error.keyword === "enum") return `one of ${JSON.stringify(params.allowedValues)}`;
  if (error.keyword === "const") return JSON.stringify(params.allowedValue) ?? "the constant";
  if (error.keyword === "type") return `type ${[params.type].flat().join(" or ")}`;
  return (error.message ?? error.keyword).replace(/^must (be )?/, "");
}
