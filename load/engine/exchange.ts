import type { Dispatcher } from "undici";
import type { LoadRequest } from "../../gates/evidence/index.ts";

export interface Ask {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What came of one request. Times are of the clock given. */
export interface Exchange {
  readonly sentMs: number;
  readonly firstByteMs: number | undefined;
  readonly doneMs: number;
  readonly reply: LoadRequest["reply"];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

type Settle = (reply: Exchange["reply"]) => void;

/**
 * Sends one request and waits for its last byte, at most `timeoutMs` from sending. Never rejects and never
 * repeats: what goes wrong is the result.
 */
export function exchange(
  to: Dispatcher,
  ask: Ask,
  timeoutMs: number,
  clock: () => number,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let firstByteMs: number | undefined;
    let status: number | undefined;
    let headers: Exchange["headers"] = {};
    let controller: Dispatcher.DispatchController | undefined;
    let settled = false;
    const chunks: Uint8Array[] = [];
    const sentMs = clock();
    const settle: Settle = (reply) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve({ sentMs, firstByteMs, doneMs: clock(), reply, headers, body: Buffer.concat(chunks) });
    };
    const timer = setTimeout(() => {
      settle("timeout");
      controller?.abort(new Error("given up"));
    }, timeoutMs);
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(given) {
        controller = given;
        // It waited for a connection longer than anybody waited for it.
        if (settled) given.abort(new Error("given up"));
      },
      onResponseStart(_, code, got) {
        firstByteMs ??= clock();
        if (code < 200) return;
        status = code;
        headers = got;
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        settle(status ?? "protocol");
      },
      onResponseError(_, error) {
        settle(replyOf(error));
      },
    };
    to.dispatch({ ...ask, body: ask.body ?? null, headers: { ...ask.headers } }, handler);
  });
}

const kinds: Readonly<Record<string, LoadRequest["reply"]>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "protocol",
};

/** What kind of failure kept a reply from coming. */
export function replyOf(error: unknown): LoadRequest["reply"] {
  const { code: given, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const code = String(given ?? "");
  if (code.startsWith("HPE_") || name === "HTTPParserError") return "protocol";
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return "tls";
  return kinds[code] ?? "other";
}
