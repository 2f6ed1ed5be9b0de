import { bodySchema, type Violation, violationsOf } from "../../../openapi/mutate/index.ts";
import type { Case } from "../case.ts";
import { type Subject, send } from "./subject.ts";

/**
 * Each keyword of the body's schema broken once, over the valid bodies: 422 that points at exactly that place.
 * Then two at once, of different members: both are pointed at.
 */
export async function walkValidation(c: Case, subject: Subject): Promise<void> {
  const found = violationsFor(c, subject);
  await c.all(found, (violation) =>
    c.part(violation.description, async () => {
      const reply = await send(c, subject, 422, { body: violation.body });
      const wanted = [...violation.pointers];
      const pointers = pointersOf(reply.body);
      // Which member a rule over several of them points at stands in its description: the case tests it.
      const holds = SEVERAL.test(violation.keyword)
        ? pointers.length > 0 && pointers.every((pointer) => pointer.startsWith(violation.pointer))
        : pointers.length === 1 && pointers[0] === violation.pointer;
      if (!holds) c.equal(`/errors (pointers, ${violation.keyword})`, pointers, wanted, reply);
      await c.refused(Promise.resolve(reply), "validation-failed");
    }),
  );
  const pair = twoAtOnce(found);
  if (pair !== undefined)
    await c.refused(send(c, subject, 422, { body: pair.body }), "validation-failed", {
      pointers: pair.pointers,
    });
}

/** Every violation of every valid body, each keyword at each place once. */
export function violationsFor(c: Case, subject: Subject): readonly Violation[] {
  const schema = bodySchema(c.model, c.operation.id);
  const found = new Map<string, Violation>();
  for (const body of subject.bodies ?? [subject.call.body])
    for (const violation of violationsOf(c.model, schema, body).violations)
      if (!found.has(violation.id) && subject.skip?.(violation) !== true) found.set(violation.id, violation);
  return [...found.values()];
}

function pointersOf(body: unknown): readonly string[] {
  const errors = (body as { errors?: { pointer?: string }[] } | undefined)?.errors ?? [];
  return errors.map((error) => error.pointer ?? "no pointer").sort();
}

const SEVERAL = /^(not|anyOf|oneOf)$/;
const TOP = /^\/[^/]+$/;

/** Two violations of top-level members, put into one body. */
function twoAtOnce(found: readonly Violation[]): { body: unknown; pointers: readonly string[] } | undefined {
  const usable = found.filter(
    (one) => TOP.test(one.pointer) && one.pointers.length === 1 && one.keyword !== "required",
  );
  const [first] = usable;
  const second = usable.findLast((one) => one.pointer !== first?.pointer);
  if (first === undefined || second === undefined) return undefined;
  const name = second.pointer.slice(1);
  const body = { ...(first.body as object), [name]: (second.body as Record<string, unknown>)[name] };
  return { body, pointers: [first.pointer, second.pointer] };
}
