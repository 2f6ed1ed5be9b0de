/** What a reader needs to mend a specification: what is wrong, where, what stands there, what should, what to do. */
export interface SpecErrorParts {
  readonly what: string;
  /** File, and the JSON Pointer or line in it. */
  readonly where: string;
  readonly got: string;
  readonly wanted: string;
  readonly next: string;
}

/** The base of every error of this room; `exitCode` 64 is bad usage or configuration. */
export class SpecError extends Error implements SpecErrorParts {
  override readonly name: string = "SpecError";
  readonly exitCode = 64;
  readonly what: string;
  readonly where: string;
  readonly got: string;
  readonly wanted: string;
  readonly next: string;

  constructor(parts: SpecErrorParts, options?: { readonly cause?: unknown }) {
    super(
      `${parts.what}\n  where:  ${parts.where}\n  got:    ${parts.got}\n  wanted: ${parts.wanted}\n  next:   ${parts.next}`,
      options,
    );
    this.what = parts.what;
    this.where = parts.where;
    this.got = parts.got;
    this.wanted = parts.wanted;
    this.next = parts.next;
  }
}

/** A document that is not there. */
export class SpecNotFound extends SpecError {
  override readonly name = "SpecNotFound";
}

/** A file that is neither YAML nor JSON, or no OpenAPI 3 document. */
export class SpecUnreadable extends SpecError {
  override readonly name = "SpecUnreadable";
}

/** A `$ref` that leads nowhere. */
export class BrokenReference extends SpecError {
  override readonly name = "BrokenReference";
}

/** Two operations that cannot be told apart, by id or by route. */
export class DuplicateOperation extends SpecError {
  override readonly name = "DuplicateOperation";
}

/** An operation, schema or parameter that the documents do not have. */
export class UnknownInSpec extends SpecError {
  override readonly name = "UnknownInSpec";
}

/** A schema that Ajv cannot compile. */
export class SchemaUnusable extends SpecError {
  override readonly name = "SchemaUnusable";
}
