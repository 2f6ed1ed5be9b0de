import type { Api, Case } from "../case.ts";
import { allScopes, oneOfMany, passes, type Subject, send } from "./subject.ts";

const keys = new WeakMap<Subject, Promise<Api>>();

/** A key of the account with every scope but the operation's own; made once for a subject. */
export function withoutScope(c: Case, subject: Subject): Promise<Api> {
  const others = allScopes(c.model).filter((scope) => !c.operation.scopes.includes(scope));
  const key = keys.get(subject) ?? c.member(subject.tenant, others);
  keys.set(subject, key);
  return key;
}

/** 403 with every scope but the operation's own; that one alone is enough, and the scheme knows no case. */
export async function walkForbidden(c: Case, subject: Subject): Promise<void> {
  const [without, only] = await Promise.all([
    withoutScope(c, subject),
    c.member(subject.tenant, c.operation.scopes),
  ]);
  await c.refused(send(c, subject, 403, {}, without), "forbidden", {});
  const authorization = oneOfMany(c, [`bEARER   ${only.key}`, `BEARER ${only.key}`, `bearer ${only.key}`]);
  await passes(c, subject, { headers: { authorization } }, only);
}
