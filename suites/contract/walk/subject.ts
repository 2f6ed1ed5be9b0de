import type { LooseCall } from "../../../openapi/client/index.ts";
import type { OperationModel } from "../../../openapi/model/index.ts";
import type { Violation } from "../../../openapi/mutate/index.ts";
import type { Answer, Api, Case, Tenant, Wanted } from "../case.ts";

/** An operation in a situation in which it would succeed. The walks break its call in every documented way. */
export interface Subject {
  readonly tenant: Tenant;
  /**
   * Path, query and body of a call that would succeed as things are. It is sent broken only (a GET also as it
   * is). The walks add `Idempotency-Key` and `If-Match`.
   */
  readonly call: LooseCall;
  /** The ETag of the resource as it is now, where the operation is guarded by `If-Match`. */
  readonly etag?: () => Promise<string>;
  /** Valid bodies whose keywords are broken one by one; the one of `call` unless told. */
  readonly bodies?: readonly unknown[];
  /** Violations that break a rule beyond the schema too, so that more is pointed at: the case tests them. */
  readonly skip?: (violation: Violation) => boolean;
  /** What a refused request must leave as it was: read before and after all of them. */
  readonly read?: () => Promise<unknown>;
  /** A call in the wrong state: 409, and nothing else is wrong with it. */
  readonly conflict?: LooseCall;
}

/** Whether the operation takes an Idempotency-Key, an If-Match. */
export function takes(c: Case, header: "Idempotency-Key" | "If-Match"): boolean {
  return c.operation.parameters.some((one) => one.in === "header" && one.name === header);
}

/** Whether the operation documents a status. */
export function documents(c: Case, status: number): boolean {
  return c.operation.responses.some((response) => response.status === String(status));
}

/** The status of success; the first documented. */
export function successOf(c: Case): number {
  return Number(c.operation.responses.find((response) => response.status.startsWith("2"))?.status);
}

/** The call with the headers it needs, all right: a new Idempotency-Key, the current ETag. */
export async function ready(c: Case, subject: Subject, change: Partial<LooseCall> = {}): Promise<LooseCall> {
  const headers = {
    ...(takes(c, "Idempotency-Key") && { "Idempotency-Key": c.newKey() }),
    ...(takes(c, "If-Match") && subject.etag && { "If-Match": await subject.etag() }),
    ...subject.call.headers,
    ...change.headers,
  };
  return { ...subject.call, ...change, headers };
}

/** Sends the call, changed. */
export async function send(
  c: Case,
  subject: Subject,
  wanted: Wanted,
  change: Partial<LooseCall> = {},
  api: Api = subject.tenant.api,
): Promise<Answer> {
  return api.send(wanted, c.operation.id, await ready(c, subject, change));
}

/**
 * A request that passes every check up to the resource and the body's schema, and then changes nothing: it shows
 * that something about the request is accepted.
 */
export async function passes(
  c: Case,
  subject: Subject,
  change: Partial<LooseCall> = {},
  api: Api = subject.tenant.api,
): Promise<void> {
  if (c.operation.requestBody !== undefined)
    return c.refused(send(c, subject, 422, { body: [], ...change }, api), "validation-failed", {
      pointers: [""],
    });
  if (c.operation.method === "GET") return void (await send(c, subject, successOf(c), change, api));
  return c.refused(send(c, subject, 404, { ...change, path: unknownPath(c, subject) }, api), "not-found");
}

/** The call's path with the last id replaced by one that nothing has. */
export function unknownPath(c: Case, subject: Subject): NonNullable<LooseCall["path"]> {
  const path = subject.call.path ?? {};
  const [name, value] = Object.entries(path).at(-1) ?? [];
  if (name === undefined) return path;
  return { ...path, [name]: c.unknownId(String(value).split("_")[0] ?? "") };
}

/** The path of the call as it goes out. */
export function pathOf(c: Case, subject: Subject): string {
  return c.operation.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(subject.call.path?.[name])),
  );
}

/**
 * One of several requests that differ in spelling alone: each operation takes its turn, so that all are sent,
 * and none forty-two times.
 */
export function oneOfMany<T>(c: Case, many: readonly [T, ...T[]]): T {
  return many[c.model.operations.indexOf(c.operation) % many.length] ?? many[0];
}

/** Every scope that an operation of the documents needs. */
export function allScopes(model: OperationModel): readonly string[] {
  return [...new Set(model.operations.flatMap((operation) => operation.scopes))].sort();
}
