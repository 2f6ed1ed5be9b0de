/** What a problem type stands for: its only status, and the title that `common.yaml` shows. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Every problem type of the API, by the last part of its URI. */
export const PROBLEMS = {
  "malformed-request": { status: 400, title: "Malformed request" },
  "invalid-cursor": { status: 400, title: "Invalid cursor" },
  unauthorized: { status: 401, title: "Unauthorized" },
  forbidden: { status: 403, title: "Forbidden" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "payload-too-large": { status: 413, title: "Payload too large" },
  "unsupported-media-type": { status: 415, title: "Unsupported media type" },
  "validation-failed": { status: 422, title: "Validation failed" },
  "idempotency-key-reused": { status: 422, title: "Idempotency key reused" },
  "precondition-required": { status: 428, title: "Precondition required" },
  "precondition-failed": { status: 412, title: "Precondition failed" },
  conflict: { status: 409, title: "Conflict" },
  "idempotency-in-progress": { status: 409, title: "Request in progress" },
} as const satisfies Record<string, ProblemKind>;

export type Slug = keyof typeof PROBLEMS;

/** The URI of a problem type. */
export function problemType(slug: Slug): string {
  return `https://cutover.example/problems/${slug}`;
}

/** Where a refused request is bad; left out, the problem must not say. */
export interface BadFields {
  /** JSON Pointers into the body, in any order; all of them, and no others. */
  readonly pointers?: readonly string[];
  /** Query parameters or headers. */
  readonly parameters?: readonly string[];
}

/** A difference between a problem and the one expected. */
export interface ProblemBreach {
  readonly pointer: string;
  readonly got: unknown;
  readonly wanted: unknown;
}

/** Holds a problem body to its type's fixed parts and, when given, to the fields it has to name. */
export function checkProblem(
  body: unknown,
  status: number,
  slugs: readonly Slug[],
  at: BadFields | undefined,
): readonly ProblemBreach[] {
  const problem = (body ?? {}) as { type?: unknown; title?: unknown; status?: unknown; errors?: unknown };
  const breaches: ProblemBreach[] = [];
  const hold = (pointer: string, got: unknown, wanted: unknown): void => {
    if (JSON.stringify(got) !== JSON.stringify(wanted)) breaches.push({ pointer, got, wanted });
  };
  const slug = slugs.find((one) => problem.type === problemType(one)) ?? slugs[0];
  if (slug === undefined) return breaches;
  hold("/type", problem.type, problemType(slug));
  hold("/title", problem.title, PROBLEMS[slug].title);
  hold("/status", problem.status, status);
  const errors = (Array.isArray(problem.errors) ? problem.errors : []) as {
    pointer?: string;
    parameter?: string;
  }[];
  const named = (member: "pointer" | "parameter") =>
    errors.flatMap((error) => (error[member] === undefined ? [] : [normal(member, error[member])])).sort();
  if (at === undefined) return breaches;
  hold("/errors (pointers)", named("pointer"), [...(at.pointers ?? [])].sort());
  const parameters = (at.parameters ?? []).map((name) => normal("parameter", name)).sort();
  hold("/errors (parameters)", named("parameter"), parameters);
  return breaches;
}

/** Names of headers know no case. */
function normal(member: "pointer" | "parameter", name: string): string {
  return member === "parameter" && name.includes("-") ? name.toLowerCase() : name;
}
