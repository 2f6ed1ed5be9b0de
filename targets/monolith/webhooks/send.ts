import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** Value of `Webhook-Signature`: when it was signed and the HMAC of that time and the body. */
export function signature(secret: string, unixSeconds: number, body: string): string {
  const mac = createHmac("sha256", secret).update(`${unixSeconds}.${body}`).digest("hex");
  return `t=${unixSeconds},v1=${mac}`;
}

/** What came of a request: a status, or why there was none. */
export type Sent = { readonly responseStatus: number } | { readonly error: "timeout" | "unreachable" };

/**
 * Posts a body once. Redirects are not followed, what the response says beyond its status does not matter, and the
 * connection is not used again, because a kept one may be closing while it is written to.
 */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<Sent> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return { responseStatus: await statusOf(url, headers, body, signal) };
  } catch {
    return { error: signal.aborted ? "timeout" : "unreachable" };
  }
}

function statusOf(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = url.startsWith("https:") ? httpsRequest : httpRequest;
    const request = start(url, {
      method: "POST",
      agent: false,
      headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
      signal,
    });
    request.on("error", reject);
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.on("error", () => undefined); // cut off by the signal after its status has arrived
      response.resume();
    });
    request.end(body);
  });
}
