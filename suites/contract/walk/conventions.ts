import type { Case, Tenant } from "../case.ts";
import { walkMalformed, walkMediaType, walkPayload } from "./body.ts";
import { walkForbidden } from "./forbidden.ts";
import { walkKeyFormat, walkPrecondition } from "./header.ts";
import { walkNotFound } from "./not-found.ts";
import { walkOrder } from "./order.ts";
import { walkQuery } from "./query.ts";
import { walkRoute } from "./route.ts";
import { documents, type Subject, takes } from "./subject.ts";
import { walkUnauthorized } from "./unauthorized.ts";
import { walkValidation } from "./validation.ts";

/**
 * Every convention that applies to the operation, by its documents alone: who may call it, its route, its body,
 * headers and query, each schema keyword, the order of checks. Nothing of it may change anything: what
 * `subject.read` answers is compared before and after.
 */
export async function walkConventions(c: Case, given: Subject, stranger?: Tenant): Promise<void> {
  const before = await given.read?.();
  // Asked for once: nothing changes until the end.
  const etag = await given.etag?.();
  const subject: Subject = { ...given, ...(etag !== undefined && { etag: async () => etag }) };
  const body = c.operation.requestBody !== undefined;
  const guarded = documents(c, 401);
  const ids = Object.keys(subject.call.path ?? {}).length > 0;
  const other = ids && stranger === undefined ? await c.tenant() : stranger;
  const walks: readonly (readonly [name: string, applies: boolean, walk: () => Promise<void>])[] = [
    ["route", true, () => walkRoute(c, subject)],
    ["401", guarded, () => walkUnauthorized(c, subject)],
    ["403", guarded, () => walkForbidden(c, subject)],
    ["404", other !== undefined, () => walkNotFound(c, subject, other as Tenant)],
    ["413", body, () => walkPayload(c, subject)],
    ["415", body, () => walkMediaType(c, subject)],
    ["400 body", body, () => walkMalformed(c, subject)],
    ["400 query", true, () => walkQuery(c, subject)],
    ["400 Idempotency-Key", takes(c, "Idempotency-Key"), () => walkKeyFormat(c, subject)],
    ["422", body, () => walkValidation(c, subject)],
    ["428 and 412", takes(c, "If-Match"), () => walkPrecondition(c, subject)],
    ["the order of checks", true, () => walkOrder(c, subject)],
  ];
  for (const [name, applies, walk] of walks) if (applies) await c.part(name, walk);
  if (subject.read) c.equal("what refused requests left", await subject.read(), before);
}
