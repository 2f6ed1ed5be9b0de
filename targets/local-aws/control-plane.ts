import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { serveDynamoDb } from "./dynamodb/api.ts";
import type { Engine } from "./dynamodb/engine.ts";
import { serveLambda } from "./lambda/api.ts";
import type { LambdaService } from "./lambda/service.ts";
import { serveLogs } from "./logs/api.ts";
import type { LogStore } from "./logs/store.ts";
import { serveStepFunctions } from "./stepfunctions/api.ts";
import type { Executions } from "./stepfunctions/executions.ts";

export interface Services {
  readonly lambda: LambdaService;
  readonly dynamodb: Engine;
  readonly stepfunctions: Executions;
  readonly logs: LogStore;
}

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/**
 * One port that speaks the APIs of all emulated services: requests with an `X-Amz-Target` name their service,
 * Lambda's are told by their path. Signatures are not verified.
 */
export function createControlPlane(services: Services): Server {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      dispatch(services, request, body).then(
        (reply) => send(response, reply),
        (error: unknown) => {
          console.error("local AWS control plane:", error);
          send(response, internalFailure(error));
        },
      );
    });
  });
  // SDK clients keep connections for long; closing one as it is reused would look like a failure of the service.
  server.keepAliveTimeout = 600_000;
  return server;
}

async function dispatch(services: Services, request: IncomingMessage, body: Buffer): Promise<Reply> {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") {
    const dot = target.lastIndexOf(".");
    const operation = target.slice(dot + 1);
    if (target.startsWith("DynamoDB_")) return serveDynamoDb(services.dynamodb, operation, body);
    if (target.startsWith("AWSStepFunctions."))
      return serveStepFunctions(services.stepfunctions, operation, body);
    if (target.startsWith("Logs_")) return serveLogs(services.logs, operation, body);
    return unknown(`no service for ${target}`);
  }
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  return serveLambda(services.lambda, {
    method: request.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers: request.headers,
    body,
  });
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const body = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(reply.status !== 204 && { "content-length": body.length }),
  });
  response.end(body);
}

const unknown = (message: string): Reply => ({
  status: 404,
  headers: { "content-type": "application/json", "x-amzn-errortype": "UnknownOperationException" },
  body: JSON.stringify({ __type: "UnknownOperationException", message }),
});

const internalFailure = (error: unknown): Reply => ({
  status: 500,
  headers: { "content-type": "application/json", "x-amzn-errortype": "InternalFailure" },
  body: JSON.stringify({
    __type: "InternalFailure",
    message: error instanceof Error ? error.message : String(error),
  }),
});
