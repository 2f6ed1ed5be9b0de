import type { Operation } from "../../../openapi/model/index.ts";
import { bodyViolations, type Violation } from "../../../openapi/mutate/index.ts";
import type { Step } from "../engine/step.ts";
import { requestFor } from "../generate/request.ts";
import type { Template } from "../generate/template.ts";
import { pages } from "../model/paging.ts";
import type { Player } from "./player.ts";

const known = new WeakMap<Operation, readonly Violation[]>();

/** Requests that break one rule each: a keyword of the body's schema, a parameter, a header. */
export async function invalid(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  const request = requestFor(world, random, operation);
  if (request === undefined) return;
  const made: Partial<Step>[] = [];
  if (request.body !== undefined && /[/+]json/.test(request.contentType ?? "")) {
    let violations = known.get(operation);
    if (violations === undefined) {
      violations = bodyViolations(env.model, operation.id).violations.filter(
        ({ keyword }) => keyword !== "surrogate",
      );
      known.set(operation, violations);
    }
    for (const { body } of random.shuffled(violations).slice(0, 7))
      made.push({ body: withIds(request.body, body) });
  }
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place === "query") {
      made.push({
        query: {
          ...request.query,
          [name]:
            schema === undefined
              ? ""
              : (random.pick([
                  "",
                  "-1",
                  "0",
                  "101",
                  "x y",
                  "2026-02-30T00:00:00Z",
                  "no_such_value",
                ]) as string),
        },
      });
      if (required || pages(name))
        made.push({
          query: Object.fromEntries(Object.entries(request.query).filter(([key]) => key !== name)),
        });
    }
    if (place === "header")
      made.push({
        headers: Object.fromEntries(Object.entries(request.headers).filter(([key]) => key !== name)),
      });
    if (place === "header" && /^if-match$/i.test(name))
      made.push({ headers: { ...request.headers, [name]: '"no-such-tag"' } });
    if (place === "path") made.push({ path: { ...request.path, [name]: "no_such_id" } });
  }
  for (const changes of random.shuffled(made).slice(0, 10)) {
    if (player.sequence.differs) break;
    await player.send({ ...request, id: world.nextId(), ...changes });
  }
  await player.audit(6);
}

/** The violation's body, with the ids of this sequence where both have a member. */
function withIds(valid: Template, broken: unknown): Template {
  if (
    valid === null ||
    typeof valid !== "object" ||
    Array.isArray(valid) ||
    broken === null ||
    typeof broken !== "object" ||
    Array.isArray(broken)
  )
    return broken as Template;
  return Object.fromEntries(
    Object.entries(broken).map(([name, value]) => {
      const own = (valid as Readonly<Record<string, Template>>)[name];
      const symbolic = own !== null && typeof own === "object" && Object.hasOwn(own, "$sym");
      return [
        name,
        symbolic && typeof value === "string" && value !== "" ? (own as Template) : (value as Template),
      ];
    }),
  );
}
