import type { PactFinding } from "../../gates/evidence/index.ts";
import { type SchemaBreach, validatorOf } from "../../openapi/conformance/index.ts";
import {
  type LocatedSchema,
  matchRoute,
  type Operation,
  type OperationModel,
  type Parameter,
  resolveSchema,
  responseFor,
} from "../../openapi/model/index.ts";
import { eventsOf } from "./events.ts";
import { eventOf } from "./operation.ts";
import { relaxed } from "./relaxed.ts";
import type { HttpInteraction, MessageInteraction, PactInteraction } from "./types.ts";

type Place = PactFinding;

/** What an interaction asks for that the documents do not allow; nothing: a target that keeps them can keep it. */
export function disallowed(model: OperationModel, interaction: PactInteraction): readonly Place[] {
  return interaction.type === "Asynchronous/Messages"
    ? checkMessage(model, interaction)
    : checkHttp(model, interaction);
}

function finding(path: string, got: string, expected: string, what: string): Place {
  return {
    path,
    got,
    expected,
    message: `the OpenAPI documents do not allow it: ${what} (${path}: got ${got}, allowed ${expected})`,
  };
}

function checkHttp(model: OperationModel, { request, response }: HttpInteraction): readonly Place[] {
  const route = matchRoute(model, request.method, request.path);
  const asked = `${request.method} ${request.path}`;
  if (route.kind === "no-route") return [finding("request", asked, "a documented path", "no such path")];
  if (route.kind === "other-method")
    return [finding("request", asked, route.allow.join(", "), "no such method")];
  const { operation } = route;
  const documented = responseFor(operation, response.status);
  if (documented === undefined) {
    const statuses = operation.responses.map(({ status }) => status).join(", ");
    return [finding("status", String(response.status), statuses, `no such answer of ${operation.id}`)];
  }
  return [
    ...checkRequest(model, operation, { request, response }),
    ...checkHeaders(
      documented.headers.map(({ name }) => name),
      documented.media.map(({ type }) => type),
      response,
    ),
    ...checkBody(model, documented.media[0]?.schema, response.body?.content, response.body !== undefined),
  ];
}

/** A request that shall be refused may be wrong; one that shall succeed may not. */
function checkRequest(
  model: OperationModel,
  operation: Operation,
  { request, response }: Pick<HttpInteraction, "request" | "response">,
): readonly Place[] {
  const found: Place[] = [];
  const headers = new Map(
    Object.entries(request.headers ?? {}).map(([name, values]) => [name.toLowerCase(), values.join(", ")]),
  );
  const { query = {} } = request;
  for (const name of Object.keys(query))
    if (!operation.parameters.some((one) => one.in === "query" && one.name === name))
      found.push(
        finding(`query ${name}`, name, "documented parameters", `${operation.id} takes no such query`),
      );
  if (response.status >= 400) return found;
  if (operation.security.length > 0 && !headers.has("authorization"))
    found.push(finding("header Authorization", "nothing", "an API key", `${operation.id} needs one`));
  for (const parameter of operation.parameters) {
    const values =
      parameter.in === "query"
        ? query[parameter.name]
        : parameter.in === "header" && headers.has(parameter.name.toLowerCase())
          ? [headers.get(parameter.name.toLowerCase()) ?? ""]
          : undefined;
    if (parameter.in !== "query" && parameter.in !== "header") continue;
    found.push(...checkParameter(model, parameter, values));
  }
  const body = operation.requestBody;
  if (body === undefined) return found;
  if (request.body === undefined)
    return body.required ? [...found, finding("request body", "nothing", "a body", "it is required")] : found;
  const schema = body.media[0]?.schema;
  if (schema === undefined) return found;
  const breaches = validatorOf(model, schema)(request.body.content);
  return [...found, ...breaches.map((breach) => breachFinding("request body", breach))];
}

function checkParameter(
  model: OperationModel,
  { name, in: place, required, schema }: Parameter,
  values: readonly string[] | undefined,
): readonly Place[] {
  const path = `${place} ${name}`;
  if (values === undefined) return required ? [finding(path, "nothing", "a value", "it is required")] : [];
  if (schema === undefined) return [];
  const type = (resolveSchema(model, schema).value as { readonly type?: string }).type;
  return values.flatMap((text) => {
    const value =
      type === "integer" || type === "number" ? Number(text) : type === "boolean" ? text === "true" : text;
    return validatorOf(model, schema)(value).map((breach) => breachFinding(path, breach));
  });
}

function checkHeaders(
  names: readonly string[],
  media: readonly string[],
  response: HttpInteraction["response"],
): readonly Place[] {
  return Object.entries(response.headers ?? {}).flatMap(([name, values]) => {
    const got = values.join(", ");
    if (name.toLowerCase() === "content-type") {
      const type = got.split(";")[0]?.trim() ?? "";
      return media.includes(type)
        ? []
        : [finding("header Content-Type", got, media.join(", "), "no such type")];
    }
    return names.includes(name.toLowerCase())
      ? []
      : [finding(`header ${name}`, got, names.join(", ") || "no header", "no such header")];
  });
}

function checkBody(
  model: OperationModel,
  schema: LocatedSchema | undefined,
  content: unknown,
  asked: boolean,
): readonly Place[] {
  if (!asked) return [];
  if (schema === undefined) return [finding("$", "a body", "no body", "this answer has none")];
  return validatorOf(relaxed(model), schema)(content).map((breach) => breachFinding("$", breach));
}

function checkMessage(model: OperationModel, message: MessageInteraction): readonly Place[] {
  const events = eventsOf(model);
  const event = eventOf(message);
  const schema = events.get(event ?? "");
  if (schema === undefined)
    return [finding("$.type", event ?? "nothing", [...events.keys()].join(", "), "no such event")];
  return checkBody(model, schema, message.contents.content, true);
}

function breachFinding(where: string, { pointer, got, wanted }: SchemaBreach): Place {
  const path = where === "$" ? `$${pointer.replaceAll("/", ".")}` : `${where}${pointer}`;
  const text = got === undefined ? "nothing" : (JSON.stringify(got) ?? String(got));
  return finding(path, text.slice(0, 200), wanted, "it breaks the schema");
}
