import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { webhookSignature } from "./signature.ts";

/** What one attempt came to: a status, or why there was none. */
export interface AttemptResult {
  readonly responseStatus?: number;
  readonly error?: "timeout" | "unreachable";
}

export interface Post {
  readonly url: string;
  readonly secret: string;
  readonly body: string;
  /** Unix time in ms, for the signature. */
  readonly now: number;
  readonly timeoutMs: number;
}

/**
 * Sends one signed POST and reads the status only. Redirects are an answer like any other: not followed.
 * A connection of its own for each attempt: the environment is frozen between invocations, and a kept
 * socket would have died by then.
 */
export function postSigned(post: Post): Promise<AttemptResult> {
  const signal = AbortSignal.timeout(post.timeoutMs);
  return new Promise((resolve) => {
    const failed = () => resolve({ error: signal.aborted ? "timeout" : "unreachable" });
    const send = post.url.startsWith("https:") ? requestHttps : requestHttp;
    try {
      const request = send(
        post.url,
        {
          method: "POST",
          agent: false,
          signal,
          headers: {
            "Content-Type": "application/json",
            "Content-Length": Buffer.byteLength(post.body),
            "Webhook-Signature": webhookSignature(post.secret, Math.floor(post.now / 1000), post.body),
          },
        },
        (response) => {
          resolve({ responseStatus: response.statusCode ?? 0 });
          response.destroy();
        },
      );
      request.on("error", failed);
      request.end(post.body);
    } catch {
      failed(); // a URL that the syntax allows and no name or port can be
    }
  });
}

/** Whether the receiver took the event. */
export function isSuccess(result: AttemptResult): boolean {
  return result.responseStatus !== undefined && result.responseStatus >= 200 && result.responseStatus <= 299;
}
