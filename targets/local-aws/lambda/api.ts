import { randomUUID } from "node:crypto";
import { AwsError } from "../errors.ts";
import { functionArn } from "../identity.ts";
import { describeAlias, describeVersion } from "./describe.ts";
import type { Alias, Change, FunctionRecord } from "./registry.ts";
import type { LambdaService } from "./service.ts";

/** A request to the Lambda API, read from the wire. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

const TAIL_BYTES = 4096;

type Json = Record<string, unknown>;
type Handler = (
  service: LambdaService,
  request: ApiRequest,
  name: string,
  last: string,
) => ApiResponse | Promise<ApiResponse>;

/** Paths carry the date of the API version their operation came with. */
const routes: readonly (readonly [string, RegExp, Handler])[] = [
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, invoke],
  ["GET", /^\/2015-03-31\/functions\/?$/, listFunctions],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)$/, getFunction],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, getConfiguration],
  ["PUT", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, updateConfiguration],
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/versions$/, publishVersion],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/versions$/, listVersions],
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/aliases$/, createAlias],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/aliases$/, listAliases],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, getAlias],
  ["PUT", /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, updateAlias],
  ["DELETE", /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, deleteAlias],
  ["PUT", /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/, putConcurrency],
  ["DELETE", /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/, deleteConcurrency],
  ["GET", /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/, getConcurrency],
];

/** Answers a request to the Lambda API (REST-JSON). */
export async function serveLambda(service: LambdaService, request: ApiRequest): Promise<ApiResponse> {
  try {
    for (const [method, pattern, handler] of routes) {
      const match = method === request.method ? pattern.exec(request.path) : null;
      if (match)
        return await handler(
          service,
          request,
          decodeURIComponent(match[1] ?? ""),
          decodeURIComponent(match[2] ?? ""),
        );
    }
    throw new AwsError("UnknownOperationException", `${request.method} ${request.path} is not emulated`, 404);
  } catch (error) {
    if (error instanceof AwsError) return errorResponse(error);
    throw error;
  }
}

async function invoke(service: LambdaService, request: ApiRequest, name: string): Promise<ApiResponse> {
  const type = header(request, "x-amz-invocation-type") ?? "RequestResponse";
  const qualifier = request.query.get("Qualifier") ?? undefined;
  const payload = readPayload(request.body);
  const tail = header(request, "x-amz-log-type") === "Tail";
  const call = {
    functionName: name,
    qualifier,
    payload,
    clientContext: header(request, "x-amz-client-context"),
    tail,
  };
  if (type === "DryRun") {
    const found = service.registry.find(name, qualifier);
    service.registry.version(found.record, found.qualifier);
    return { status: 204, headers: { "x-amzn-requestid": randomUUID() }, body: "" };
  }
  if (type === "Event") {
    const requestId = service.invokeEvent(call);
    return { status: 202, headers: { "x-amzn-requestid": requestId }, body: "" };
  }
  const result = await service.invoke(call);
  return {
    status: 200,
    headers: {
      "content-type": "application/json",
      "x-amzn-requestid": result.requestId,
      "x-amz-executed-version": result.executedVersion,
      ...(result.errorType !== undefined && { "x-amz-function-error": "Unhandled" }),
      ...(tail && { "x-amz-log-result": Buffer.from(result.log).subarray(-TAIL_BYTES).toString("base64") }),
    },
    body: result.payload,
  };
}

function listFunctions(service: LambdaService): ApiResponse {
  return json(200, {
    Functions: service.registry.list().map((record) => describeVersion(record, record.latest)),
  });
}

function getFunction(service: LambdaService, request: ApiRequest, name: string): ApiResponse {
  const { record, version } = find(service, request, name);
  return json(200, {
    Configuration: describeVersion(record, version),
    Code: { RepositoryType: "local", Location: `file://${version.codeDir}` },
    ...(record.reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: record.reserved } }),
  });
}

function getConfiguration(service: LambdaService, request: ApiRequest, name: string): ApiResponse {
  const { record, version } = find(service, request, name);
  return json(200, describeVersion(record, version));
}

function updateConfiguration(service: LambdaService, request: ApiRequest, name: string): ApiResponse {
  const { record } = service.registry.find(name);
  const input = readJson(request.body);
  const known = ["Description", "Environment", "Handler", "MemorySize", "RevisionId", "Timeout"];
  for (const key of Object.keys(input))
    if (!known.includes(key))
      throw new AwsError("InvalidParameterValueException", `${key} is not emulated`, 400);
  if (input.RevisionId !== undefined && input.RevisionId !== record.latest.revisionId)
    throw new AwsError("PreconditionFailedException", "The Revision Id provided does not match", 412, {
      Type: "User",
    });
  const variables = (input.Environment as { Variables?: Record<string, string> } | undefined)?.Variables;
  const change: Change = {
    ...(input.Description !== undefined && { description: String(input.Description) }),
    ...(input.Handler !== undefined && { handler: String(input.Handler) }),
    ...(input.MemorySize !== undefined && { memoryMb: Number(input.MemorySize) }),
    ...(input.Timeout !== undefined && { timeoutSeconds: Number(input.Timeout) }),
    ...(input.Environment !== undefined && { environment: variables ?? {} }),
  };
  return json(200, describeVersion(record, service.updateConfiguration(record, change)));
}

function publishVersion(service: LambdaService, request: ApiRequest, name: string): ApiResponse {
  const { record } = service.registry.find(name);
  const { Description } = readJson(request.body);
  const version = service.registry.publish(
    record,
    Description === undefined ? undefined : String(Description),
  );
  return json(201, describeVersion(record, version));
}

function listVersions(service: LambdaService, _request: ApiRequest, name: string): ApiResponse {
  const { record } = service.registry.find(name);
  return json(200, {
    Versions: [record.latest, ...record.versions.values()].map((v) => describeVersion(record, v)),
  });
}

function createAlias(service: LambdaService, request: ApiRequest, name: string): ApiResponse {
  const { record } = service.registry.find(name);
  const input = readJson(request.body);
  const alias = String(input.Name);
  if (record.aliases.has(alias))
    throw new AwsError("ResourceConflictException", `Alias already exists: ${functionArn(name, alias)}`, 409);
  return json(201, describeAlias(record, service.registry.setAlias(record, readAlias(alias, input))));
}

function updateAlias(service: LambdaService, request: ApiRequest, name: string, alias: string): ApiResponse {
  const { record } = service.registry.find(name);
  const before = findAlias(record, alias);
  return json(
    200,
    describeAlias(
      record,
      service.registry.setAlias(record, readAlias(alias, readJson(request.body), before)),
    ),
  );
}

function listAliases(service: LambdaService, _request: ApiRequest, name: string): ApiResponse {
  const { record } = service.registry.find(name);
  return json(200, { Aliases: [...record.aliases.values()].map((alias) => describeAlias(record, alias)) });
}

function getAlias(service: LambdaService, _request: ApiRequest, name: string, alias: string): ApiResponse {
  const { record } = service.registry.find(name);
  return json(200, describeAlias(record, findAlias(record, alias)));
}

function deleteAlias(service: LambdaService, _request: ApiRequest, name: string, alias: string): ApiResponse {
  service.registry.find(name).record.aliases.delete(alias);
  return { status: 204, headers: {}, body: "" };
}

function putConcurrency(service: LambdaService, request: ApiRequest, name: string): ApiResponse {
  const { record } = service.registry.find(name);
  const reserved = Number(readJson(request.body).ReservedConcurrentExecutions);
  if (!Number.isInteger(reserved) || reserved < 0)
    throw new AwsError(
      "InvalidParameterValueException",
      "ReservedConcurrentExecutions must be 0 or more",
      400,
    );
  record.reserved = reserved;
  return json(200, { ReservedConcurrentExecutions: reserved });
}

function getConcurrency(service: LambdaService, _request: ApiRequest, name: string): ApiResponse {
  const { reserved } = service.registry.find(name).record;
  return json(200, reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved });
}

function deleteConcurrency(service: LambdaService, _request: ApiRequest, name: string): ApiResponse {
  service.registry.find(name).record.reserved = undefined;
  return { status: 204, headers: {}, body: "" };
}

function find(service: LambdaService, request: ApiRequest, name: string) {
  const { record, qualifier } = service.registry.find(name, request.query.get("Qualifier") ?? undefined);
  return { record, version: service.registry.version(record, qualifier) };
}

function findAlias(record: FunctionRecord, name: string): Alias {
  const found = record.aliases.get(name);
  if (found) return found;
  throw new AwsError(
    "ResourceNotFoundException",
    `Cannot find alias arn: ${functionArn(record.name, name)}`,
    404,
    {
      Type: "User",
    },
  );
}

/** An update leaves unnamed members as they are. */
function readAlias(name: string, input: Json, before?: Alias): Omit<Alias, "revisionId"> {
  const routing = input.RoutingConfig as { AdditionalVersionWeights?: Record<string, number> } | undefined;
  return {
    name,
    version: String(input.FunctionVersion ?? before?.version),
    description: String(input.Description ?? before?.description ?? ""),
    weights: routing ? (routing.AdditionalVersionWeights ?? {}) : (before?.weights ?? {}),
  };
}

function readPayload(body: Buffer): string {
  if (body.length === 0) return "{}";
  const text = body.toString();
  try {
    JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${why}`,
      400,
      {
        Type: "User",
      },
    );
  }
  return text;
}

function readJson(body: Buffer): Json {
  return body.length === 0 ? {} : (JSON.parse(body.toString()) as Json);
}

function header(request: ApiRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const json = (status: number, body: object): ApiResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

function errorResponse(error: AwsError): ApiResponse {
  return {
    status: error.status,
    headers: {
      "content-type": "application/json",
      "x-amzn-errortype": error.name,
      ...(error.status === 429 && { "retry-after": "1" }),
    },
    body: JSON.stringify({ ...error.details, message: error.message, Message: error.message }),
  };
}
