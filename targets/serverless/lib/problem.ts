/** One bad field of a body (RFC 6901 pointer), or one bad query parameter or header. */
export type Fault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string };

const kinds = {
  "malformed-request": [400, "Malformed request"],
  "invalid-cursor": [400, "Invalid cursor"],
  unauthorized: [401, "Unauthorized"],
  forbidden: [403, "Forbidden"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "Method not allowed"],
  conflict: [409, "Conflict"],
  "idempotency-in-progress": [409, "Request in progress"],
  "precondition-failed": [412, "Precondition failed"],
  "payload-too-large": [413, "Payload too large"],
  "unsupported-media-type": [415, "Unsupported media type"],
  "validation-failed": [422, "Validation failed"],
  "idempotency-key-reused": [422, "Idempotency key reused"],
  "precondition-required": [428, "Precondition required"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemSlug = keyof typeof kinds;

/** The body of an error reply (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Fault[];
}

/** A documented refusal. Thrown anywhere below `serve`, which writes it as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    slug: ProblemSlug,
    detail: string,
    options: { readonly errors?: readonly Fault[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    const [status, title] = kinds[slug];
    this.status = status;
    this.headers = options.headers ?? {};
    const type = `https://cutover.example/problems/${slug}`;
    this.body = { type, title, status, detail, ...(options.errors ? { errors: options.errors } : {}) };
  }
}

/** 404: the path names nothing that this account has. `what` is a noun: "plan". */
export const notFound = (what: string): Problem => new Problem("not-found", `No such ${what}.`);

/** 409: the state does not allow it. */
export const conflict = (detail: string): Problem => new Problem("conflict", detail);

/** 422 with one entry for each pointer; of several faults at one pointer the first counts. */
export function invalid(faults: readonly Fault[]): Problem {
  const seen = new Map(faults.toReversed().map((f) => ["pointer" in f ? f.pointer : f.parameter, f]));
  const errors = [...seen.values()].reverse();
  const detail = errors.length === 1 ? "1 field is not valid." : `${errors.length} fields are not valid.`;
  return new Problem("validation-failed", detail, { errors });
}

/** 422 at one field, for rules that need stored data. */
export const invalidAt = (pointer: string, detail: string): Problem => invalid([{ pointer, detail }]);
