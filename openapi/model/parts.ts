import { SpecUnreadable } from "../errors.ts";
import type { DocumentSet } from "./references.ts";
import type {
  Example,
  JsonSchema,
  Link,
  Located,
  LocatedSchema,
  Media,
  Parameter,
  ParameterPlace,
  Response,
  ResponseHeader,
} from "./types.ts";

type Raw = Readonly<Record<string, unknown>>;

const raw = (node: Located<unknown>): Raw => (node.value ?? {}) as Raw;
const keysAt = (node: Located<unknown>, name: string): readonly string[] =>
  Object.keys((raw(node)[name] ?? {}) as Raw);

/** Parameters of the path item and the operation; the operation's win (OpenAPI 3.1, 4.8.10). */
export function readParameters(
  set: DocumentSet,
  item: Located<unknown>,
  operation: Located<unknown>,
): readonly Parameter[] {
  const found = new Map<string, Parameter>();
  for (const owner of [item, operation])
    for (const index of keysAt(owner, "parameters")) {
      const node = set.child(owner, "parameters", index);
      if (node === undefined) continue;
      const parameter = readParameter(set, node);
      found.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  return [...found.values()];
}

function readParameter(set: DocumentSet, node: Located<unknown>): Parameter {
  const { name, in: place, required } = raw(node);
  if (typeof name !== "string" || !["path", "query", "header", "cookie"].includes(String(place)))
    throw new SpecUnreadable({
      what: "A parameter has no name or no place.",
      where: `${node.file}#${node.pointer}`,
      got: JSON.stringify({ name, in: place }),
      wanted: "`name`, and `in`: path, query, header or cookie",
      next: "Mend the parameter.",
    });
  const schema = schemaAt(node);
  return {
    name,
    in: place as ParameterPlace,
    required: required === true,
    schema,
    examples: examplesOf(set, node, schema),
  };
}

/** The media types under `content`. */
export function readMedia(set: DocumentSet, owner: Located<unknown>): readonly Media[] {
  return keysAt(owner, "content").flatMap((type) => {
    const node = set.child(owner, "content", type);
    if (node === undefined) return [];
    const schema = schemaAt(node);
    return [{ type, schema, examples: examplesOf(set, node, schema) }];
  });
}

/** The responses of an operation, by status. */
export function readResponses(set: DocumentSet, operation: Located<unknown>): readonly Response[] {
  return keysAt(operation, "responses").flatMap((status) => {
    const node = set.child(operation, "responses", status);
    if (node === undefined) return [];
    return [
      {
        status: status.toUpperCase() === "DEFAULT" ? "default" : status.toUpperCase(),
        description: String(raw(node).description ?? ""),
        media: readMedia(set, node),
        headers: readHeaders(set, node),
        links: readLinks(set, node),
      } satisfies Response,
    ];
  });
}

/** `Content-Type` among the headers is ignored, as OpenAPI 3.1, 4.8.17, says. */
function readHeaders(set: DocumentSet, response: Located<unknown>): readonly ResponseHeader[] {
  return keysAt(response, "headers").flatMap((name) => {
    const node = set.child(response, "headers", name);
    if (node === undefined || name.toLowerCase() === "content-type") return [];
    const schema = schemaAt(node);
    const required = raw(node).required === true;
    return [{ name: name.toLowerCase(), required, schema, examples: examplesOf(set, node, schema) }];
  });
}

function readLinks(set: DocumentSet, response: Located<unknown>): readonly Link[] {
  return keysAt(response, "links").flatMap((name) => {
    const node = set.child(response, "links", name);
    if (node === undefined) return [];
    const { operationId, operationRef, parameters, requestBody } = raw(node);
    return [
      {
        name,
        operationId: typeof operationId === "string" ? operationId : undefined,
        operationRef: typeof operationRef === "string" ? operationRef : undefined,
        parameters: (parameters ?? {}) as Raw,
        requestBody,
      },
    ];
  });
}

function schemaAt(node: Located<unknown>): LocatedSchema | undefined {
  const schema = raw(node).schema;
  if (schema === undefined || schema === null) return undefined;
  return { file: node.file, pointer: `${node.pointer}/schema`, value: schema as JsonSchema };
}

/** `example`, `examples` of the owner; else those of its schema. */
function examplesOf(
  set: DocumentSet,
  owner: Located<unknown>,
  schema: LocatedSchema | undefined,
): readonly Example[] {
  const found: Example[] = [];
  if (raw(owner).example !== undefined) found.push({ name: "example", value: raw(owner).example });
  for (const name of keysAt(owner, "examples")) {
    const node = set.child(owner, "examples", name);
    if (node !== undefined && Object.hasOwn(raw(node), "value")) found.push({ name, value: raw(node).value });
  }
  if (found.length > 0 || schema === undefined) return found;
  const resolved = raw(set.resolve(schema));
  if (resolved.example !== undefined) found.push({ name: "schema example", value: resolved.example });
  if (Array.isArray(resolved.examples))
    for (const [index, value] of resolved.examples.entries())
      found.push({ name: `schema example ${index}`, value });
  return found;
}
