import type { Dispatcher } from "undici";
import type { LoadRequest } from "../../gates/evidence/index.ts";
import type { Connection, Connections } from "./connections.ts";

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
  /** What the failure was called that kept a reply from coming. */
  readonly code?: string;
  /** It went over a connection that was there already. */
  readonly reused: boolean;
}

const nothing = new Uint8Array();

/**
 * Sends one request and waits for its last byte, at most `timeoutMs` from sending. Never rejects and never
 * repeats: what goes wrong is the result.
 */
export function exchange(
  to: Connections,
  ask: Ask,
  timeoutMs: number,
  clock: () => number,
  done: (got: Exchange) => void,
): void {
  const attempt = new Attempt(to, timeoutMs, clock, done);
  to.take((connection) => attempt.send(ask, connection));
}

/** One request under way. A class, because thousands a second share its methods. */
class Attempt implements Dispatcher.DispatchHandler {
  readonly #to: Connections;
  readonly #clock: () => number;
  readonly #done: (got: Exchange) => void;
  readonly #sentMs: number;
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | undefined;
  #connectsBefore = 0;
  #firstByteMs: number | undefined;
  #status: number | undefined;
  #headers: Exchange["headers"] = {};
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #settled = false;

  constructor(to: Connections, timeoutMs: number, clock: () => number, done: (got: Exchange) => void) {
    this.#to = to;
    this.#clock = clock;
    this.#done = done;
    this.#sentMs = clock();
    this.#timer = setTimeout(giveUp, timeoutMs, this);
  }

  /** False when it waited for a connection longer than anybody waited for it. */
  send({ method, path, headers, body }: Ask, connection: Connection): boolean {
    if (this.#settled) return false;
    this.#connection = connection;
    this.#connectsBefore = connection.connects;
    try {
      // undici only reads the headers.
      const options = { method, path, body: body ?? null, headers: headers as Record<string, string> };
      connection.client.dispatch(options, this);
    } catch (error) {
      // undici refuses what could not be sent, such as a line break in a header.
      this.onResponseError(undefined, error as Error);
    }
    return true;
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number, headers: Exchange["headers"]): void {
    this.#firstByteMs ??= this.#clock();
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: unknown, chunk: Uint8Array): void {
    if (this.#first === undefined) this.#first = chunk;
    else {
      this.#more ??= [this.#first];
      this.#more.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle(this.#status ?? "protocol");
    if (this.#connection) this.#to.release(this.#connection);
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#settled) return;
    this.#settle(replyOf(error), codeOf(error));
    // undici is still clearing up after the failure: what comes next goes another way.
    if (this.#connection) this.#to.drop(this.#connection);
  }

  giveUp(): void {
    if (this.#settled) return;
    this.#settle("timeout", "ETIMEDOUT");
    if (this.#connection) this.#to.drop(this.#connection);
  }

  #settle(reply: Exchange["reply"], code?: string): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#done({
      sentMs: this.#sentMs,
      firstByteMs: this.#firstByteMs,
      doneMs: this.#clock(),
      reply,
      ...(code !== undefined && { code }),
      headers: this.#headers,
      body: this.#more === undefined ? (this.#first ?? nothing) : Buffer.concat(this.#more),
      reused: this.#connectsBefore > 0 && this.#connection?.connects === this.#connectsBefore,
    });
  }
}

const giveUp = (attempt: Attempt): void => attempt.giveUp();

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

/** undici's names for what Node and Artillery call otherwise. */
const codes: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: "ECONNRESET",
  UND_ERR_CONNECT_TIMEOUT: "ETIMEDOUT",
};

function codeOf(error: NodeJS.ErrnoException): string {
  const code = error.code ?? error.message;
  return codes[code] ?? code;
}

/** What kind of failure kept a reply from coming. */
export function replyOf(error: unknown): LoadRequest["reply"] {
  const { code: given, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const code = String(given ?? "");
  if (code.startsWith("HPE_") || name === "HTTPParserError") return "protocol";
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return "tls";
  return kinds[code] ?? "other";
}
