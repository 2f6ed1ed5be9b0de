import type { LooseCall } from "../../../openapi/client/index.ts";
import type { Api, Case, Slug } from "../case.ts";
import { LARGEST, padded } from "./body.ts";
import { withoutScope } from "./forbidden.ts";
import { documents, type Subject, send, takes, unknownPath } from "./subject.ts";

interface Stage {
  readonly status: number;
  readonly slug: Slug;
  readonly change: Partial<LooseCall>;
  readonly api?: Api;
}

/**
 * The order of checks: each stage is broken together with everything that comes after it, and answers. A body
 * cannot be too large and merely malformed at once, so the stages of the body take over from each other.
 */
export async function walkOrder(c: Case, subject: Subject): Promise<void> {
  const hasBody = c.operation.requestBody !== undefined;
  const ids = Object.keys(subject.call.path ?? {}).length > 0;
  const path = unknownPath(c, subject);
  // What is wrong with everything after the body.
  const headers = {
    ...(takes(c, "Idempotency-Key") && { "Idempotency-Key": undefined }),
    ...(takes(c, "If-Match") && { "If-Match": undefined }),
  };
  const text = { ...headers, "content-type": "text/plain" };
  const query = c.operation.parameters.some((one) => one.in === "query") && { query: { nope: "1" } };
  const large = {
    path,
    headers: text,
    body: Buffer.concat([padded(LARGEST), Buffer.from("{")]),
  };
  const worst = { ...query, ...(hasBody ? large : { path, headers }) };
  const stages: Stage[] = [];
  if (documents(c, 401)) stages.push({ status: 401, slug: "unauthorized", change: worst, api: c.api });
  if (documents(c, 403))
    stages.push({
      status: 403,
      slug: "forbidden",
      change: worst,
      api: await withoutScope(c, subject),
    });
  const malformed = Buffer.from("{");
  if (hasBody)
    stages.push(
      { status: 413, slug: "payload-too-large", change: large },
      { status: 415, slug: "unsupported-media-type", change: { path, headers: text, body: malformed } },
      { status: 400, slug: "malformed-request", change: { path, headers, body: malformed } },
    );
  const unguarded = { "If-Match": undefined };
  if (takes(c, "Idempotency-Key"))
    stages.push({
      status: 400,
      slug: "malformed-request",
      change: { path, headers, ...(hasBody && { body: [] }) },
    });
  if (query && documents(c, 400))
    stages.push({ status: 400, slug: "malformed-request", change: { path, ...query } });
  if (ids && hasBody)
    stages.push({ status: 404, slug: "not-found", change: { path, headers: unguarded, body: [] } });
  if (takes(c, "If-Match")) {
    const stale = { "If-Match": '"stale"' };
    stages.push(
      { status: 422, slug: "validation-failed", change: { headers: unguarded, body: [] } },
      { status: 422, slug: "validation-failed", change: { headers: stale, body: [] } },
    );
    if (subject.conflict !== undefined)
      stages.push(
        { status: 428, slug: "precondition-required", change: { ...subject.conflict, headers: unguarded } },
        { status: 412, slug: "precondition-failed", change: { ...subject.conflict, headers: stale } },
      );
  }
  if (subject.conflict !== undefined && hasBody)
    stages.push({ status: 422, slug: "validation-failed", change: { ...subject.conflict, body: [] } });
  await c.all(stages, ({ status, slug, change, api }) =>
    c.refused(send(c, subject, status, change, api ?? subject.tenant.api), slug),
  );
  if (subject.conflict !== undefined)
    await c.refused(send(c, subject, 409, subject.conflict), "conflict", {});
}
