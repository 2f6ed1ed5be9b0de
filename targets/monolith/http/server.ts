import { METHODS } from "node:http";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { Database } from "../db/database.ts";
import { authenticate, authorize } from "./auth.ts";
import { readRaw, type tooLarge } from "./body.ts";
import { run } from "./execute.ts";
import type { SentAnswer } from "./idempotency.ts";
import type { Caller, Operation, Surroundings } from "./operation.ts";
import { notFound, Problem } from "./problem.ts";

/** What the hooks learn about a request before its handler runs. */
interface Known {
  readonly caller: Caller | undefined;
  readonly contentType: string | undefined;
}

/**
 * The HTTP face of the contract. Fastify routes and reads; the order of checks is the contract's:
 * 404/405, 401, 403 before the body is read, then 413, 415, 400, and the operation's own.
 */
export function createServer(
  operations: readonly Operation[],
  database: Database,
  surroundings: Surroundings,
  version: string,
): FastifyInstance {
  const known = new WeakMap<FastifyRequest, Known>();
  const server = fastify({
    exposeHeadRoutes: false,
    requestTimeout: 60_000,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: (_error, _request, reply) => void sendProblem(reply as FastifyReply, notFound()),
  });
  for (const method of METHODS)
    if (!server.supportedMethods.includes(method) && method !== "CONNECT") server.addHttpMethod(method);

  server.removeAllContentTypeParsers();
  // Every body comes here, what it means is decided by the operation. Nothing is refused here, because Fastify would
  // close the connection.
  server.addContentTypeParser("*", (request, payload, done) => {
    if (operationOf(request)?.body !== undefined) readRaw(payload).then((raw) => done(null, raw), done);
    else {
      payload.resume();
      done(null, undefined);
    }
  });
  server.addHook("onRequest", async (request) => {
    if (request.is404 || Object.values(request.params as object).includes("")) throw notFound();
    const contentType = request.headers["content-type"];
    // Without it Fastify refuses no media type before ours could be compared, and reads every body.
    delete request.raw.headers["content-type"];
    const { operation, allow } = request.routeOptions.config;
    if (allow !== undefined)
      throw new Problem("method-not-allowed", `This resource allows ${allow}.`, {
        headers: { Allow: allow },
      });
    let caller: Caller | undefined;
    if (operation?.scope !== undefined) {
      caller = await authenticate(database, request.headers.authorization);
      authorize(caller, operation.scope);
    }
    known.set(request, { caller, contentType });
  });
  server.setNotFoundHandler(() => {
    throw notFound();
  });
  server.setErrorHandler((error, _request, reply) => sendError(reply, error));

  server.get("/health", async (_request, reply) => {
    await database.ping();
    return send(reply, { status: 200, headers: {}, text: JSON.stringify({ status: "ok", version }) });
  });
  for (const operation of operations)
    server.route({
      method: operation.method,
      url: fastifyPath(operation.path),
      config: { operation },
      handler: async (request, reply) => {
        const { caller, contentType } = known.get(request) ?? { caller: undefined, contentType: undefined };
        const sent = await run(operation, database, surroundings, {
          accountId: caller?.accountId ?? "",
          params: request.params as Record<string, string>,
          search: request.url.includes("?") ? request.url.slice(request.url.indexOf("?") + 1) : "",
          headers: request.headers,
          contentType,
          raw: (request.body as Buffer | typeof tooLarge | undefined) ?? Buffer.alloc(0),
        });
        return send(reply, sent);
      },
    });
  refuseOtherMethods(server, operations);
  return server;
}

declare module "fastify" {
  interface FastifyContextConfig {
    operation?: Operation;
    /** Set on routes that only answer 405: the documented methods of their path. */
    allow?: string;
  }
}

const operationOf = (request: FastifyRequest): Operation | undefined => request.routeOptions.config.operation;
const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

/** A route for every path and undocumented method, so that a fixed path is not taken for a templated one. */
function refuseOtherMethods(server: FastifyInstance, operations: readonly Operation[]): void {
  const documented = Map.groupBy(operations, (operation) => operation.path);
  documented.set("/health", []);
  for (const [path, those] of documented) {
    const methods: string[] = path === "/health" ? ["GET"] : those.map(({ method }) => method);
    server.route({
      method: server.supportedMethods.filter((method) => !methods.includes(method)),
      url: fastifyPath(path),
      config: { allow: methods.sort().join(", ") },
      handler: () => Promise.reject(notFound()), // the hook has answered 405
    });
  }
}

function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof Problem) return sendProblem(reply, error);
  console.error(
    JSON.stringify({ level: "error", message: error instanceof Error ? error.stack : String(error) }),
  );
  return send(reply, {
    status: 500,
    headers: {},
    text: JSON.stringify({ message: "Internal Server Error" }),
  });
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.header("Content-Type", "application/problem+json");
  return send(reply, {
    status: problem.status,
    headers: problem.headers,
    text: JSON.stringify(problem.body),
  });
}

function send(reply: FastifyReply, { status, headers, text }: SentAnswer): FastifyReply {
  reply.code(status);
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  if (status === 204) return reply.send();
  if (!reply.hasHeader("content-type")) reply.header("Content-Type", "application/json");
  return reply.send(Buffer.from(text)); // a buffer, because Fastify adds a charset to JSON text
}
