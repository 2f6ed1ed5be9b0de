import type { ParameterIssue } from "../validation/query.ts";
import type { Issue } from "../validation/reader.ts";

const kinds = {
  "malformed-request": [400, "Malformed request"],
  "invalid-cursor": [400, "Invalid cursor"],
  unauthorized: [401, "Unauthorized"],
  forbidden: [403, "Forbidden"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "Method not allowed"],
  "payload-too-large": [413, "Payload too large"],
  "unsupported-media-type": [415, "Unsupported media type"],
  "validation-failed": [422, "Validation failed"],
  "idempotency-key-reused": [422, "Idempotency key reused"],
  "precondition-required": [428, "Precondition required"],
  "precondition-failed": [412, "Precondition failed"],
  conflict: [409, "Conflict"],
  "idempotency-in-progress": [409, "Request in progress"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof kinds;

/** Body of an error (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly (Issue | ParameterIssue)[];
}

/** Ends a request with a documented error. Thrown inside a transaction it rolls the transaction back. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly kind: ProblemKind;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly (Issue | ParameterIssue)[] | undefined;

  constructor(
    kind: ProblemKind,
    detail: string,
    options: { errors?: readonly (Issue | ParameterIssue)[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.status = kinds[kind][0];
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }

  get body(): ProblemBody {
    return {
      type: `https://cutover.example/problems/${this.kind}`,
      title: kinds[this.kind][1],
      status: this.status,
      detail: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}

export const notFound = (): Problem => new Problem("not-found", "There is no such resource.");
export const conflict = (detail: string): Problem => new Problem("conflict", detail);

/** 422 for bad members of a body. */
export const invalid = (errors: readonly Issue[]): Problem =>
  new Problem("validation-failed", "The request body does not hold.", { errors });

/** 422 for one bad member. */
export const invalidAt = (pointer: string, detail: string): Problem => invalid([{ pointer, detail }]);

/** 400 for bad query parameters or headers. */
export const malformed = (errors: readonly ParameterIssue[]): Problem =>
  new Problem("malformed-request", "A query parameter or header is not acceptable.", { errors });
