/** What goes back to the client. */
export interface GatewayResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: readonly string[];
  readonly body: string | Buffer;
}

/**
 * What an HTTP API answers by itself. Documented by AWS: 404, 403, 401, 413, and 500 for a failed function. From
 * experience of others, not from documents: the 503 of a throttled function and of a timeout.
 */
export const gatewayErrors = {
  badRequest: fixed(400, "Bad Request"),
  unauthorized: fixed(401, "Unauthorized"),
  forbidden: fixed(403, "Forbidden"),
  notFound: fixed(404, "Not Found"),
  tooLarge: fixed(413, "Request Entity Too Large"),
  headersTooLarge: fixed(431, "Request Header Fields Too Large"),
  internal: fixed(500, "Internal Server Error"),
  throttledFunction: fixed(503, "Service Unavailable"),
  timedOut: fixed(503, "Service Unavailable"),
} as const;

function fixed(status: number, message: string): GatewayResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    cookies: [],
    body: JSON.stringify({ message }),
  };
}

/**
 * Reads a function's answer, payload format 2.0. Without a `statusCode` the answer itself is the body, as JSON with
 * 200; with one, it must have the documented shape, else 500.
 */
export function readFunctionResponse(payload: Buffer): GatewayResponse {
  let answer: unknown;
  try {
    answer = JSON.parse(payload.toString());
  } catch {
    return gatewayErrors.internal;
  }
  if (typeof answer !== "object" || answer === null || !("statusCode" in answer))
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: payload };
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = "",
    isBase64Encoded,
  } = answer as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return gatewayErrors.internal;
  if (body !== null && typeof body !== "string") return gatewayErrors.internal;
  if (typeof headers !== "object" || headers === null || !Array.isArray(cookies))
    return gatewayErrors.internal;
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== null) out[name.toLowerCase()] = String(value);
  const text = body ?? "";
  if (text !== "") out["content-type"] ??= "text/plain;charset=utf-8";
  return {
    status,
    headers: out,
    cookies: cookies.map(String),
    body: isBase64Encoded === true ? Buffer.from(text, "base64") : text,
  };
}
