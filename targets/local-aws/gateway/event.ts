import { ACCOUNT_ID, API_ID, REGION } from "../identity.ts";
import type { RouteMatch } from "./router.ts";

/** A request as it came from the wire. */
export interface RawRequest {
  readonly method: string;
  /** Percent-encoded, without query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
  readonly requestId: string;
  readonly receivedAt: Date;
  readonly port: number;
}

type Json = Record<string, unknown>;

/** Meant for the connection, not for the function. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"]);

/** What both the authorizer's and the function's event say, payload format 2.0. */
function common(request: RawRequest, match: RouteMatch): Json {
  const { headers, cookies } = readHeaders(request);
  const query = readQuery(request.query);
  return {
    version: "2.0",
    routeKey: match.routeKey,
    rawPath: readPath(request.path),
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(query && { queryStringParameters: query }),
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
  };
}

/** The event of a Lambda proxy integration. `authorizer` is the context an authorizer passed on. */
export function integrationEvent(request: RawRequest, match: RouteMatch, authorizer: Json | undefined): Json {
  return {
    ...common(request, match),
    requestContext: { ...context(request, match), ...(authorizer && { authorizer: { lambda: authorizer } }) },
    ...readBody(request),
  };
}

/** The event of a REQUEST authorizer. `identity` holds the values of its identity sources. */
export function authorizerEvent(request: RawRequest, match: RouteMatch, identity: readonly string[]): Json {
  const path = readPath(request.path).replace(/^\//, "");
  return {
    ...common(request, match),
    type: "REQUEST",
    routeArn: `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/$default/${request.method}/${path}`,
    identitySource: identity.length > 0 ? identity : null,
    requestContext: context(request, match),
  };
}

function context(request: RawRequest, match: RouteMatch): Json {
  const domainName = `${API_ID}.execute-api.${REGION}.amazonaws.com`;
  return {
    accountId: ACCOUNT_ID,
    apiId: API_ID,
    domainName,
    domainPrefix: API_ID,
    http: {
      method: request.method,
      path: readPath(request.path),
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: headerOf(request, "user-agent") ?? "",
    },
    requestId: request.requestId,
    routeKey: match.routeKey,
    stage: "$default",
    time: commonLogTime(request.receivedAt),
    timeEpoch: request.receivedAt.getTime(),
  };
}

/**
 * HTTP APIs hand over the path decoded, its name notwithstanding, and cut it where a decoded `?` appears
 * (observed on AWS by others: middleapi/standard-server#93).
 */
function readPath(path: string): string {
  const decoded = decodeURIComponent(path);
  const cut = decoded.indexOf("?");
  return cut < 0 ? decoded : decoded.slice(0, cut);
}

/** Repeated headers are joined with commas; cookies stand apart. */
function readHeaders(request: RawRequest): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? "").toLowerCase();
    const value = request.rawHeaders[i + 1] ?? "";
    if (hopByHop.has(name)) continue;
    if (name === "cookie") cookies.push(...value.split(";").map((cookie) => cookie.trim()));
    else headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  if (request.body.length > 0) headers["content-length"] = String(request.body.length);
  headers["x-forwarded-for"] = headers["x-forwarded-for"]
    ? `${headers["x-forwarded-for"]}, ${request.sourceIp}`
    : request.sourceIp;
  headers["x-forwarded-port"] = String(request.port);
  headers["x-forwarded-proto"] = "http";
  return { headers, cookies };
}

/** Repeated parameters are joined with commas, decoded. */
function readQuery(query: string): Record<string, string> | undefined {
  if (query === "") return undefined;
  const out: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(query))
    out[key] = out[key] === undefined ? value : `${out[key]},${value}`;
  return out;
}

/**
 * Only these media types arrive as text; everything else, `+json` types, forms and a missing type included, is
 * base64 (measured on AWS by others: ministackorg/ministack#766).
 */
const textTypes = /^(?:text\/[^;]*|application\/(?:json|xml|javascript))\s*(?:;|$)/i;

function readBody(request: RawRequest): { body?: string; isBase64Encoded: boolean } {
  if (request.body.length === 0) return { isBase64Encoded: false };
  const text = textTypes.test((headerOf(request, "content-type") ?? "").trim());
  return { body: request.body.toString(text ? "utf8" : "base64"), isBase64Encoded: !text };
}

/** The first header of a name, lower case. */
export function headerOf(request: Pick<RawRequest, "rawHeaders">, name: string): string | undefined {
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    if (request.rawHeaders[i]?.toLowerCase() === name) return request.rawHeaders[i + 1];
  return undefined;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${date}:${at.toISOString().slice(11, 19)} +0000`;
}
