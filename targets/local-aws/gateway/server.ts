import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AwsError } from "../errors.ts";
import type { LambdaService } from "../lambda/service.ts";
import type { AuthorizerModel, HttpApiModel } from "../template/model.ts";
import { authorizerEvent, headerOf, integrationEvent, type RawRequest } from "./event.ts";
import { type GatewayResponse, gatewayErrors, readFunctionResponse } from "./response.ts";
import { createRouter, type RouteMatch } from "./router.ts";

/** Limits of an HTTP API: bytes of body, bytes of request line and headers, ms for an authorizer. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEADER_BYTES = 10_240;
const AUTHORIZER_TIMEOUT_MS = 10_000;

/** Only this gateway sends it: whether a function or authorizer had to be started for the request. */
const initHeader = "x-cutover-init";

/** A line of the access log, with the names of API Gateway's own `$context` variables. */
export interface AccessEntry {
  readonly requestId: string;
  readonly routeKey: string;
  readonly status: number;
  readonly responseLatency: number;
  readonly authorizerRequestId?: string;
  readonly authorizerLatency?: number;
  readonly authorizerError?: string;
  readonly integrationRequestId?: string;
  readonly integrationLatency?: number;
  readonly integrationError?: string;
}

/** What is learned of a request on its way through. */
type Trace = { -readonly [K in keyof AccessEntry]?: AccessEntry[K] };

type Verdict =
  | {
      readonly kind: "allowed";
      readonly context: Record<string, unknown> | undefined;
      readonly cold: boolean;
    }
  | { readonly kind: "refused"; readonly response: GatewayResponse; readonly cold: boolean };

/** An API Gateway HTTP API (payload format 2.0) in front of `lambda`. */
export function createGateway(
  api: HttpApiModel,
  lambda: LambdaService,
  onAccess: (entry: AccessEntry) => void = () => undefined,
): Server {
  const route = createRouter(api.routes);

  async function answer(
    request: IncomingMessage,
    requestId: string,
    trace: Trace,
  ): Promise<GatewayResponse & { cold?: boolean }> {
    const target = request.url ?? "/";
    const mark = target.indexOf("?");
    const path = mark < 0 ? target : target.slice(0, mark);
    if (!isDecodable(path)) return gatewayErrors.badRequest;
    const match = route(request.method ?? "GET", path);
    const body = await readBody(request);
    if (body === undefined) return gatewayErrors.tooLarge;
    if (!match) return gatewayErrors.notFound;
    const raw: RawRequest = {
      method: request.method ?? "GET",
      path,
      query: mark < 0 ? "" : target.slice(mark + 1),
      rawHeaders: request.rawHeaders,
      body,
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      protocol: `HTTP/${request.httpVersion}`,
      requestId,
      receivedAt: new Date(),
      port: request.socket.localPort ?? 0,
    };
    const { authorizer } = match.route;
    trace.routeKey = match.routeKey;
    const verdict = authorizer ? await authorize(authorizer, raw, match, trace) : undefined;
    if (verdict?.kind === "refused") return { ...verdict.response, cold: verdict.cold };
    const result = await integrate(raw, match, verdict?.context, trace);
    return { ...result, cold: result.cold || verdict?.cold === true };
  }

  async function authorize(
    authorizer: AuthorizerModel,
    raw: RawRequest,
    match: RouteMatch,
    trace: Trace,
  ): Promise<Verdict> {
    const identity = authorizer.identitySources.map((source) => identityOf(source, raw));
    if (!identity.every((value) => value !== undefined))
      return { kind: "refused", response: gatewayErrors.unauthorized, cold: false };
    const payload = JSON.stringify(authorizerEvent(raw, match, identity));
    const from = performance.now();
    const result = await call({ functionName: authorizer.functionName, payload }, AUTHORIZER_TIMEOUT_MS);
    trace.authorizerLatency = performance.now() - from;
    if (typeof result === "string") trace.authorizerError = result;
    else trace.authorizerRequestId = result.requestId;
    if (typeof result === "string" || result.errorType !== undefined)
      return { kind: "refused", response: gatewayErrors.internal, cold: false };
    const { cold } = result;
    try {
      const reply = JSON.parse(result.payload.toString()) as {
        isAuthorized?: unknown;
        context?: object;
      } | null;
      if (typeof reply?.isAuthorized !== "boolean") throw new TypeError("not a simple response");
      if (!reply.isAuthorized) return { kind: "refused", response: gatewayErrors.forbidden, cold };
      return { kind: "allowed", context: { ...reply.context }, cold };
    } catch {
      return { kind: "refused", response: gatewayErrors.internal, cold };
    }
  }

  async function integrate(
    raw: RawRequest,
    match: RouteMatch,
    context: Record<string, unknown> | undefined,
    trace: Trace,
  ) {
    const payload = JSON.stringify(integrationEvent(raw, match, context));
    const { functionName, qualifier, timeoutMs } = match.route;
    const from = performance.now();
    const result = await call({ functionName, qualifier, payload }, timeoutMs);
    trace.integrationLatency = performance.now() - from;
    if (typeof result === "string") trace.integrationError = result;
    else trace.integrationRequestId = result.requestId;
    if (typeof result === "string") return { ...gatewayErrors[result], cold: false };
    const response =
      result.errorType === undefined ? readFunctionResponse(result.payload) : gatewayErrors.internal;
    return { ...response, cold: result.cold };
  }

  /** Invokes, or says which error of the gateway stands for what went wrong. */
  async function call(request: Parameters<LambdaService["invoke"]>[0], timeoutMs: number) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"timedOut">((resolve) => {
      timer = setTimeout(() => resolve("timedOut"), timeoutMs);
    });
    try {
      return await Promise.race([lambda.invoke(request), late]);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.status === 413) return "tooLarge";
      return error.status === 429 ? "throttledFunction" : "internal";
    } finally {
      clearTimeout(timer);
    }
  }

  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 75_000 },
    (request, response) => {
      const requestId = randomBytes(11).toString("base64");
      const from = performance.now();
      const trace: Trace = {};
      answer(request, requestId, trace).then(
        (result) => {
          send(request, response, result, requestId, result.cold);
          const responseLatency = performance.now() - from;
          onAccess({ routeKey: "$default", ...trace, requestId, status: result.status, responseLatency });
        },
        (error: unknown) => {
          console.error("local gateway:", error);
          send(request, response, gatewayErrors.internal, requestId, undefined);
        },
      );
    },
  );
  server.on("clientError", refuseUnreadable);
  return server;
}

/** The body, or undefined when it is too large. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined)
    return Promise.resolve(Buffer.alloc(0));
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  result: GatewayResponse,
  requestId: string,
  cold: boolean | undefined,
): void {
  if (response.destroyed) return;
  // The client reads no answer before it has sent everything.
  if (!request.complete) request.resume();
  const body = typeof result.body === "string" ? Buffer.from(result.body) : result.body;
  const headers: Record<string, string | string[]> = { ...result.headers, "apigw-requestid": requestId };
  if (cold !== undefined) headers[initHeader] = cold ? "cold" : "warm";
  if (result.cookies.length > 0) headers["set-cookie"] = [...result.cookies];
  // A request that was not read to its end leaves bytes on the connection.
  if (!request.complete) headers.connection = "close";
  const bodiless = result.status === 204 || result.status === 304 || result.status < 200;
  if (!bodiless) headers["content-length"] = String(body.length);
  delete headers["transfer-encoding"];
  response.writeHead(result.status, headers);
  response.end(bodiless || request.method === "HEAD" ? undefined : body);
}

/** The value of `$request.header.X` or `$request.querystring.x`; undefined when absent or empty. */
function identityOf(source: string, raw: RawRequest): string | undefined {
  const [, kind, name = ""] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  const value =
    kind === "header" ? headerOf(raw, name.toLowerCase()) : new URLSearchParams(raw.query).get(name);
  return value || undefined;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** What the HTTP parser could not read: too many header bytes, or not HTTP at all. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const { status, body } =
    error.code === "HPE_HEADER_OVERFLOW" ? gatewayErrors.headersTooLarge : gatewayErrors.badRequest;
  socket.end(
    `HTTP/1.1 ${status} Error\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
