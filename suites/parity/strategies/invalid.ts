import { type LocatedSchema, type Operation, resolveSchema } from "../../../openapi/model/index.ts";
import { replaceAt, valueAt } from "../../../openapi/model/pointer.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import { memberSchema } from "../../../openapi/mutate/places.ts";
import type { Step } from "../engine/step.ts";
import { breachesOf } from "../generate/breach.ts";
import { textFor } from "../generate/pattern.ts";
import { requestFor, sketch } from "../generate/request.ts";
import { isSymbolic, type Template } from "../generate/template.ts";
import { pages } from "../model/paging.ts";
import type { Player } from "./player.ts";

/** Requests that break one rule each: a keyword of the body's schema, a parameter, a header. */
export async function invalid(player: Player, operation: Operation): Promise<void> {
  const { env, random, world } = player;
  await player.prepare(operation);
  // Which of two objections comes first shows where both apply: in another state, too.
  const subject = env.ids.get(operation.id)?.subject;
  const movers = env.operations.filter(
    (each) =>
      each.id !== operation.id &&
      each.method !== "DELETE" &&
      env.ids.get(each.id)?.safe === false &&
      subject !== undefined &&
      env.ids.get(each.id)?.subject === subject,
  );
  const mover = random.pick(movers);
  if (mover !== undefined && random.chance(0.6)) await player.call(mover);
  const request = requestFor(world, random, operation);
  if (request === undefined) return;
  const made: Partial<Step>[] = [];
  if (request.body !== undefined && /[/+]json/.test(request.contentType ?? "")) {
    const schema = operation.requestBody?.media.find(({ type }) => type === request.contentType)?.schema;
    const valid = sketch(world, request.body);
    for (const { body, pointer } of schema === undefined
      ? []
      : breachesOf(env.model, schema, valid, random, 7))
      made.push({ body: withSymbols(request.body, valid, body, pointer) });
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
    if (place === "path")
      made.push(
        { path: { ...request.path, [name]: "no_such_id" } },
        { path: { ...request.path, [name]: unknownId(schema) } },
      );
  }
  // Ids that look right and name nothing.
  for (const pointer of env.ids.get(operation.id)?.body.keys() ?? []) {
    const at = pointer.replaceAll("*", "0");
    if (request.body === undefined || valueAt(request.body, at) === undefined) continue;
    const member = visitedSchema(pointer);
    made.push({ body: replaceAt(request.body, at, unknownId(member)) as Template });
  }
  function unknownId(schema: LocatedSchema | undefined): string | number {
    const raw = schema === undefined ? undefined : resolveSchema(env.model, schema).value;
    if (isRecord(raw) && (raw.type === "integer" || raw.type === "number")) return 987_654_321;
    if (isRecord(raw) && raw.format === "uuid") return "00000000-0000-4000-8000-00000000dead";
    return (
      (isRecord(raw) && typeof raw.pattern === "string" ? textFor(raw.pattern, random) : undefined) ??
      "no-such-thing"
    );
  }

  function visitedSchema(pointer: string): LocatedSchema | undefined {
    const schema = operation.requestBody?.media.find(({ type }) => type === request?.contentType)?.schema;
    return pointer
      .split("/")
      .slice(1)
      .reduce<LocatedSchema | undefined>(
        (at, part) =>
          at === undefined ? undefined : memberSchema(env.model, at, "", part === "*" ? "0" : part),
        schema,
      );
  }

  for (const changes of random.shuffled(made).slice(0, 10)) {
    if (player.sequence.differs) break;
    await player.send({ ...request, id: world.nextId(), ...changes });
  }
  await player.audit(6);
}

/** The broken body, with the symbols of the valid one wherever it says what that one says. */
function withSymbols(template: Template, valid: unknown, broken: unknown, pointer: string): Template {
  if (isSymbolic(template)) return valid === broken ? template : (broken as Template);
  if (!isRecord(broken) || !isRecord(template) || !isRecord(valid)) return broken as Template;
  return Object.fromEntries(
    Object.entries(broken).map(([name, value]) => [
      name,
      Object.hasOwn(template, name)
        ? withSymbols((template as Record<string, Template>)[name] as Template, valid[name], value, pointer)
        : (value as Template),
    ]),
  );
}
