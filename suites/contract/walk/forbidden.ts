import type { Case } from "../case.ts";
import { allScopes, passes, type Subject, send } from "./subject.ts";

/** 403 with every scope but the operation's own; that one alone is enough. */
export async function walkForbidden(c: Case, subject: Subject): Promise<void> {
  const needed = c.operation.scopes;
  const others = allScopes(c.model).filter((scope) => !needed.includes(scope));
  const [without, only] = await c.all([others, needed], (scopes) => c.member(subject.tenant, scopes));
  await c.refused(send(c, subject, 403, {}, without), "forbidden", {});
  await passes(c, subject, {}, only);
}
