import type { Case } from "../case.ts";
import { oneOfMany, passes, type Subject, send, successOf } from "./subject.ts";

/** 400 without a well-formed Idempotency-Key; all 128 characters of one count. */
export async function walkKeyFormat(c: Case, subject: Subject): Promise<void> {
  const wrong = [undefined, "k".repeat(129), oneOfMany(c, ["", "two words", "käse"])];
  await c.all(wrong, (key) =>
    c.refused(send(c, subject, 400, { headers: { "Idempotency-Key": key } }), "malformed-request", {
      parameters: ["Idempotency-Key"],
    }),
  );
  await passes(c, subject, { headers: { "Idempotency-Key": `!~${c.newKey()}`.padEnd(128, "~") } });
}

/** 428 without If-Match, 412 when none of its strong tags matches. */
export async function walkPrecondition(c: Case, subject: Subject): Promise<void> {
  const etag = (await subject.etag?.()) ?? "";
  await c.refused(send(c, subject, 428, { headers: { "If-Match": undefined } }), "precondition-required", {});
  const others = [`"${etag.slice(1, -1)}x"`, `W/${etag}, "stale"`, '"*"'] as const;
  const stale = ['"stale"', `W/${etag}`, oneOfMany(c, [...others])];
  await c.all(stale, (tag) =>
    c.refused(send(c, subject, 412, { headers: { "If-Match": tag } }), "precondition-failed", {}),
  );
}

/**
 * What If-Match accepts: `*`, and a list that has the tag. For operations whose call may succeed again and again;
 * the call is sent three times.
 */
export async function walkPreconditionHolds(c: Case, subject: Subject): Promise<void> {
  for (const spell of [
    () => "*",
    (etag: string) => `"stale", ${etag}`,
    (etag: string) => `W/"stale" ,${etag}, "other"`,
  ]) {
    const etag = (await subject.etag?.()) ?? "";
    await send(c, subject, successOf(c), { headers: { "If-Match": spell(etag) } });
  }
}
