import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { readCursor, writeCursor } from "./cursor.ts";
import { methodsOf, type Operation, type OperationId, operationAt, operations } from "./operations.ts";
import { type Fault, Problem } from "./problem.ts";
import { malformed, readQuery } from "./query.ts";
import { type Key, type Range, scanRange, type Write } from "./table.ts";
import { logger, traced } from "./telemetry.ts";

/** The parts of an HTTP API event (payload 2.0) that this system reads. */
export interface HttpEvent {
  readonly routeKey: string;
  readonly rawQueryString?: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | undefined;
  readonly requestContext: {
    readonly http: { readonly method: string };
    /** What the authorizer says: empty or absent when it knows no such caller. */
    readonly authorizer?: { readonly lambda?: Readonly<Record<string, unknown>> | null } | undefined;
  };
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
}

/** A request that passed everything but its own resource: route, key, scope, size, media type, syntax. */
export interface Call {
  readonly operation: OperationId;
  /** The caller's account; "" for the public operation. */
  readonly accountId: string;
  /** A path id, as sent: `call.path("planId")`. */
  path(name: string): string;
  /** Valid query parameters; times in UTC. */
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON, not yet validated. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  /** Milliseconds; one instant for all that this request creates. */
  readonly now: number;
  readonly idempotencyKey: string | undefined;
  readonly context: Context;
}

/** What a handler answers. `body` absent: no content. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A reply as it goes out, and as it is kept for an Idempotency-Key. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Gives a handler the means to make its answer part of its transaction: the write it returns keeps `reply` for
 * the Idempotency-Key. An effect and its answer are then committed together, so that an environment killed
 * between the two cannot make a client's retry do it again.
 */
export type Keep = (reply: Reply) => readonly Write[];

export type Handler = (call: Call, keep: Keep) => Promise<Reply>;
export type Handlers = { readonly [K in OperationId]?: Handler };

/** Runs a handler at most once for each Idempotency-Key; see `idempotency.ts`. */
export type Once = (call: Call, handler: Handler) => Promise<Rendered>;

const maxBodyBytes = 262_144;
const idempotencyKey = /^[\x21-\x7e]{1,128}$/;

export const render = (reply: Reply): Rendered => ({
  status: reply.status,
  headers: { ...(reply.body && { "content-type": "application/json" }), ...reply.headers },
  body: reply.body ? JSON.stringify(reply.body) : "",
});

/**
 * Makes a Lambda function of handlers. Checks in the documented order, up to what the handler itself decides:
 * 404 resource → 422 → 428 → 412 → 409. `once` is needed by functions with idempotent operations only.
 */
export function serve(handlers: Handlers, once?: Once) {
  return async (event: HttpEvent, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    try {
      const call = admit(event, context);
      const handler = handlers[call.operation];
      if (!handler) throw new Error(`${event.routeKey} is routed to a function without ${call.operation}`);
      const operation: Operation = operations[call.operation];
      if (operation.once && !once) throw new Error(`${call.operation} needs an idempotency store`);
      const rendered = await traced(call.operation, async () =>
        operation.once && once ? once(call, handler) : render(await handler(call, () => [])),
      );
      return { statusCode: rendered.status, headers: { ...rendered.headers }, body: rendered.body };
    } catch (error) {
      if (error instanceof Problem) return refuse(error);
      logger.error("unexpected error", { routeKey: event.routeKey, error: error as Error });
      throw error; // the gateway answers 500, and the function's error metric counts it
    }
  };
}

const refuse = (problem: Problem): APIGatewayProxyStructuredResultV2 => ({
  statusCode: problem.status,
  headers: { "content-type": "application/problem+json", ...problem.headers },
  body: JSON.stringify(problem.body),
});

/** The checks that need no resource. @throws Problem */
function admit(event: HttpEvent, context: Context): Call {
  const id = findOperation(event);
  const operation: Operation = operations[id];
  const accountId = operation.scope === undefined ? "" : authorize(event, operation.scope);
  const bytes = operation.body === undefined ? undefined : readBody(event, operation.body);
  const faults: Fault[] = [];
  const query = operation.query ? readQuery(event.rawQueryString ?? "", operation.query, faults) : {};
  const key = event.headers["idempotency-key"];
  if (operation.once && !(key !== undefined && idempotencyKey.test(key)))
    faults.push({ parameter: "Idempotency-Key", detail: "must be 1 to 128 visible ASCII characters" });
  const body = bytes && parseJson(bytes);
  if (faults.length > 0) throw malformed(faults);
  const call: Call = {
    operation: id,
    accountId,
    path: (name) => event.pathParameters?.[name] ?? "",
    query,
    body,
    ifMatch: event.headers["if-match"],
    now: Date.now(),
    idempotencyKey: key,
    context,
  };
  if (query.cursor !== undefined && positionOf(call) === undefined)
    throw new Problem("invalid-cursor", "The cursor does not belong to this list and these filters.", {
      errors: [{ parameter: "cursor", detail: "is not one of this list and these filters" }],
    });
  return call;
}

function findOperation(event: HttpEvent): OperationId {
  const path = event.routeKey.slice(event.routeKey.indexOf(" ") + 1);
  const { method } = event.requestContext.http;
  const id = operationAt.get(`${method} ${path}`);
  if (id) return id;
  const allowed = methodsOf.get(path);
  if (!allowed) throw new Problem("not-found", "No such path.");
  throw new Problem("method-not-allowed", `${method} is not defined here.`, {
    headers: { allow: allowed.join(", ") },
  });
}

/** The caller's account, from what the authorizer passed on. @throws Problem 401, 403 */
function authorize(event: HttpEvent, scope: string): string {
  const { accountId, scopes } = event.requestContext.authorizer?.lambda ?? {};
  if (typeof accountId !== "string" || accountId === "" || typeof scopes !== "string")
    throw new Problem("unauthorized", "A valid API key is required.", {
      headers: { "www-authenticate": 'Bearer realm="cutover"' },
    });
  if (!scopes.split(" ").includes(scope)) throw new Problem("forbidden", `The key lacks the scope ${scope}.`);
  return accountId;
}

/**
 * The bytes of the body. What API Gateway takes for text comes decoded, invalid UTF-8 replaced: the length the client
 * declared still tells.
 */
function readBody(event: HttpEvent, mediaType: string): Buffer {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  const declared = Number(event.headers["content-length"] ?? bytes.length);
  if (declared > maxBodyBytes)
    throw new Problem("payload-too-large", `The body may have at most ${maxBodyBytes} bytes.`);
  const sent = event.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (sent !== mediaType) throw new Problem("unsupported-media-type", `Send ${mediaType}.`);
  if (declared !== bytes.length) throw notJson();
  return bytes;
}

const notJson = (): Problem => new Problem("malformed-request", "The body is not valid JSON.");

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw notJson();
  }
}

const cursorScope = (call: Call) => {
  const { limit, cursor, ...filters } = call.query;
  return { accountId: call.accountId, operation: `${call.operation} ${listOwner(call)}`, filters };
};

/** A list below a resource is another list for each of them. */
const listOwner = (call: Call): string =>
  [...operations[call.operation].path.matchAll(/\{(\w+)\}/g)]
    .map(([, name = ""]) => call.path(name))
    .join(" ");

const positionOf = (call: Call): string | undefined =>
  call.query.cursor === undefined ? undefined : readCursor(cursorScope(call), call.query.cursor);

/**
 * Answers one page of a list: `range` in its order, from where the cursor says. `show` makes an item's
 * representation. Filters belong into `range.filters`.
 */
export async function listReply<T extends Key>(
  call: Call,
  range: Range,
  show: (item: T) => object,
): Promise<Reply> {
  const limit = Number(call.query.limit ?? 20);
  const found = await scanRange<T>(range, limit + 1, positionOf(call)); // one more tells whether a page follows
  const page = found.slice(0, limit);
  const last = page.at(-1) as Readonly<Record<string, unknown>> | undefined;
  const position = found.length > limit && last ? String(last[range.index?.key ?? "sk"]) : undefined;
  const next = position === undefined ? {} : { nextCursor: writeCursor(cursorScope(call), position) };
  return { status: 200, body: { items: page.map(show), ...next } };
}
