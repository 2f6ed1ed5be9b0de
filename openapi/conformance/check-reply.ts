import {
  type Operation,
  type OperationModel,
  operationById,
  type Response,
  responseFor,
} from "../model/index.ts";
import { type BodyCheck, type BodyToCheck, bodyCheck, checkEmpty } from "./body.ts";
import { checkContentType } from "./content-type.ts";
import { type Finding, type FindingParts, finding } from "./finding.ts";
import { type HeaderCheck, headerCheck } from "./headers.ts";
import { undocumentedStatus } from "./status.ts";

export interface ReplyToCheck extends BodyToCheck {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The checks of one response, compiled. */
interface Prepared {
  readonly response: Response;
  readonly headers: readonly (readonly [name: string, check: HeaderCheck])[];
  readonly bodies: Map<string, BodyCheck>;
}

const prepared = new WeakMap<Response, Prepared>();

/**
 * Holds any reply to its operation: status, content type, headers, body.
 * @returns what breaks it; nothing when all of it is as documented
 * @throws UnknownInSpec for an operation that the model does not have, SchemaUnusable
 */
export function checkReply(
  model: OperationModel,
  operationId: string,
  reply: ReplyToCheck,
): readonly Finding[] {
  const operation = operationById(model, operationId);
  return check(model, operation, reply).map((parts) => finding(operationId, reply.status, parts));
}

function check(model: OperationModel, operation: Operation, reply: ReplyToCheck): readonly FindingParts[] {
  const response = responseFor(operation, reply.status);
  if (response === undefined) return [undocumentedStatus(operation, reply.status)];
  const { headers, bodies } = prepare(model, response);
  const broken = headers.flatMap(([name, holds]) => holds(headerOf(reply, name)));
  if (operation.method === "HEAD") return broken;
  if (response.media.length === 0) return [...broken, ...checkEmpty(reply.text)];
  const type = checkContentType(response, headerOf(reply, "content-type"));
  // Without a media type nothing says how to read the body.
  if (type.media === undefined) return [...broken, ...type.findings];
  let body = bodies.get(type.media.type);
  if (body === undefined) {
    body = bodyCheck(model, type.media);
    bodies.set(type.media.type, body);
  }
  return [...broken, ...type.findings, ...body(reply)];
}

function prepare(model: OperationModel, response: Response): Prepared {
  const known = prepared.get(response);
  if (known !== undefined) return known;
  const headers = response.headers.map((header) => [header.name, headerCheck(model, header)] as const);
  const made: Prepared = { response, headers, bodies: new Map() };
  prepared.set(response, made);
  return made;
}

function headerOf(reply: ReplyToCheck, name: string): string | undefined {
  const value = reply.headers[name];
  return value === undefined || typeof value === "string" ? value : value.join(", ");
}
