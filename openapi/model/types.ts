/** A JSON Schema as it stands in a document, `$ref`s unresolved. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** A value and the place it stands at: absolute file name and JSON Pointer. */
export interface Located<T> {
  readonly file: string;
  readonly pointer: string;
  readonly value: T;
}

export type LocatedSchema = Located<JsonSchema>;

export interface Document {
  /** Absolute file name. */
  readonly file: string;
  /** "3.1.0" and the like; `undefined` for a file that is only referred to. */
  readonly openapi: string | undefined;
  readonly root: Readonly<Record<string, unknown>>;
}

export interface Example {
  readonly name: string;
  readonly value: unknown;
}

export interface Media {
  /** As documented, such as `application/json`. */
  readonly type: string;
  readonly schema: LocatedSchema | undefined;
  /** The media type's own examples, then those of its schema. */
  readonly examples: readonly Example[];
}

export type ParameterPlace = "path" | "query" | "header" | "cookie";

export interface Parameter {
  readonly name: string;
  readonly in: ParameterPlace;
  readonly required: boolean;
  readonly schema: LocatedSchema | undefined;
  readonly examples: readonly Example[];
}

export interface RequestBody {
  readonly required: boolean;
  readonly media: readonly Media[];
}

export interface ResponseHeader {
  /** Lower case. */
  readonly name: string;
  readonly required: boolean;
  readonly schema: LocatedSchema | undefined;
  readonly examples: readonly Example[];
}

export interface Link {
  readonly name: string;
  readonly operationId: string | undefined;
  readonly operationRef: string | undefined;
  /** Parameter name → runtime expression or constant. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** A body, or a part of one, with runtime expressions in it. */
  readonly requestBody: unknown;
}

export interface Response {
  /** As documented: `200`, `4XX` or `default`. */
  readonly status: string;
  readonly description: string;
  readonly media: readonly Media[];
  readonly headers: readonly ResponseHeader[];
  readonly links: readonly Link[];
}

/** One of the alternatives: scheme name → scopes, all of which must hold. None at all means public. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface Operation {
  readonly id: string;
  /** The document's file name without its ending. */
  readonly context: string;
  readonly tags: readonly string[];
  /** Upper case. */
  readonly method: string;
  /** The path template, such as `/plans/{planId}`. */
  readonly path: string;
  readonly file: string;
  readonly pointer: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody: RequestBody | undefined;
  readonly responses: readonly Response[];
  /** Alternatives; empty for a public operation. */
  readonly security: readonly SecurityRequirement[];
  /** Every scope of every alternative, each once. */
  readonly scopes: readonly string[];
  /** The entries of `x-vectors`. */
  readonly vectors: readonly unknown[];
}

export interface OperationModel {
  readonly operations: readonly Operation[];
  readonly byId: ReadonlyMap<string, Operation>;
  /** Every document read, those only referred to included, by absolute file name. */
  readonly documents: ReadonlyMap<string, Document>;
}
