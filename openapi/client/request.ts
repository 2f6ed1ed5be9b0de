import { UnknownInSpec } from "../errors.ts";
import type { Operation } from "../model/index.ts";
import type { SentRequest } from "./transport.ts";
import type { LooseCall, RawRequest } from "./types.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** The request that a call of an operation makes. */
export function operationRequest(
  baseUrl: string,
  operation: Operation,
  call: LooseCall,
  defaults: Headers,
): SentRequest {
  const body = bodyOf(call.body);
  const media = operation.requestBody?.media[0]?.type ?? "application/json";
  const own: Headers = body === undefined ? {} : { "content-type": media };
  return {
    method: operation.method,
    url: baseUrl + pathOf(operation, call.path ?? {}) + queryOf(call.query ?? {}),
    headers: merge(defaults, own, call.headers ?? {}),
    body,
  };
}

/** The request as it is spelt out. */
export function rawRequest(baseUrl: string, raw: RawRequest, defaults: Headers): SentRequest {
  return {
    method: raw.method.toUpperCase(),
    url: baseUrl + raw.path,
    headers: merge(defaults, raw.headers ?? {}),
    body: raw.body === undefined ? undefined : Buffer.from(raw.body as Uint8Array),
  };
}

function bodyOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

function pathOf(operation: Operation, values: NonNullable<LooseCall["path"]>): string {
  return operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return encodeURIComponent(value);
    throw new UnknownInSpec({
      what: `A call of ${operation.id} lacks a path parameter.`,
      where: operation.path,
      got: JSON.stringify(values),
      wanted: name,
      next: "Give it under `path`.",
    });
  });
}

/** Lists repeat the parameter (OpenAPI 3.1, style `form`, explode). */
function queryOf(query: NonNullable<LooseCall["query"]>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => item !== undefined)
      .map((item) => `${encodeURIComponent(name)}=${encodeURIComponent(String(item))}`),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** Later ones win, whatever the case of the name; `undefined` takes a header away. */
function merge(...all: readonly Headers[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const headers of all)
    for (const [name, value] of Object.entries(headers)) {
      const key = name.toLowerCase();
      if (value === undefined) delete merged[key];
      else merged[key] = value;
    }
  return merged;
}
