import { isDeepStrictEqual } from "node:util";
import { bodySchema, type Violation, violationsOf } from "../../../openapi/mutate/index.ts";
import type { Case } from "../case.ts";
import { isRecord } from "../lib/match.ts";
import { type Subject, send } from "./subject.ts";

/**
 * Each keyword of the body's schema broken, over the valid bodies: 422 that points at exactly that place. One
 * request breaks one keyword in each of several top-level members: all of them have to be pointed at.
 */
export async function walkValidation(c: Case, subject: Subject): Promise<void> {
  const schema = bodySchema(c.model, c.operation.id);
  const seen = new Set<string>();
  const requests = (subject.bodies ?? [subject.call.body]).flatMap((body) => {
    const fresh = violationsOf(c.model, schema, body).violations.filter(
      (violation) => !seen.has(violation.id) && subject.skip?.(violation) !== true,
    );
    for (const violation of fresh) seen.add(violation.id);
    return together(body, fresh);
  });
  await c.all(requests, ({ body, broken }) =>
    c.part(broken.map((violation) => violation.description).join("; "), async () => {
      const reply = await send(c, subject, 422, { body });
      const wanted = broken.map((violation) => violation.pointer).sort();
      const pointers = pointersOf(reply.body);
      // Which member a rule over several of them points at stands in its description: the case tests it.
      const holds = broken.some(overSeveral)
        ? pointers.length > 0 && pointers.every((pointer) => pointer.startsWith(wanted[0] ?? ""))
        : isDeepStrictEqual(pointers, wanted);
      const what = broken.map((violation) => violation.keyword).join(", ");
      if (!holds) c.equal(`/errors (pointers: ${what})`, pointers, wanted, reply);
      await c.refused(Promise.resolve(reply), "validation-failed");
    }),
  );
}

interface Broken {
  readonly body: unknown;
  readonly broken: readonly Violation[];
}

/** Puts violations of different top-level members of one valid body into one request, where they are just that. */
function together(valid: unknown, violations: readonly Violation[]): readonly Broken[] {
  const members = new Map<string, Violation[]>();
  const alone: Violation[] = [];
  for (const violation of violations) {
    const name = isRecord(valid) && !overSeveral(violation) ? memberBroken(valid, violation) : undefined;
    if (name === undefined) alone.push(violation);
    else members.set(name, [...(members.get(name) ?? []), violation]);
  }
  const rows = Math.max(0, ...[...members.values()].map((one) => one.length));
  const merged = Array.from({ length: rows }, (_, row) => {
    const chosen = [...members].flatMap(([name, one]) => (one[row] ? [[name, one[row]] as const] : []));
    const body = { ...(valid as object) } as Record<string, unknown>;
    for (const [name, violation] of chosen) {
      const member = (violation.body as Record<string, unknown>)[name];
      if (member === undefined) delete body[name];
      else body[name] = member;
    }
    return { body, broken: chosen.map(([, violation]) => violation) };
  });
  return [...alone.map((violation) => ({ body: violation.body, broken: [violation] })), ...merged];
}

/** The one top-level member in which the broken body differs from the valid one, if it is just one. */
function memberBroken(valid: Record<string, unknown>, { body }: Violation): string | undefined {
  if (!isRecord(body)) return undefined;
  const names = new Set([...Object.keys(valid), ...Object.keys(body)]);
  const differing = [...names].filter((name) => !isDeepStrictEqual(valid[name], body[name]));
  return differing.length === 1 ? differing[0] : undefined;
}

/** Rules over several members cannot be told apart from what else is wrong with these. */
function overSeveral({ keyword, pointers }: Violation): boolean {
  return /^(not|anyOf|oneOf)$/.test(keyword) || pointers.length > 1;
}

function pointersOf(body: unknown): readonly string[] {
  const errors = (body as { errors?: { pointer?: string }[] } | undefined)?.errors ?? [];
  return errors.map((error) => error.pointer ?? "no pointer").sort();
}
