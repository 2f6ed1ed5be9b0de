import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen, shut } from "../listen.ts";

/** What the runtime in an execution environment says. */
export interface RuntimeEvents {
  /** It asks for an invocation: it is initialised, and done with the one before. */
  next(): void;
  /** A function's answer, or `failed`: an error document. */
  result(requestId: string, body: Buffer, failed: boolean): void;
  /** It could not load the function. `body` is an error document. */
  initError(body: Buffer): void;
}

/** The largest answer Lambda takes, in bytes; it grants a margin for its own envelope. */
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100 * 1024;

const accepted = '{"status":"OK"}\n';

/**
 * The Lambda Runtime API (2018-06-01) for one execution environment: a runtime is given nothing but host and port,
 * so the port says who is asking.
 */
export class RuntimeApi {
  readonly #server;
  readonly #events: RuntimeEvents;
  #waiting: ServerResponse | undefined;
  /** Answers whose body is still being read. */
  #reading = 0;

  constructor(events: RuntimeEvents) {
    this.#events = events;
    this.#server = createServer((request, response) => this.#serve(request, response));
    // A runtime may wait for its next invocation for hours.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  /** Resolves to the value of `AWS_LAMBDA_RUNTIME_API`. */
  async listen(): Promise<string> {
    return `127.0.0.1:${await listen(this.#server, 0, "a Runtime API")}`;
  }

  /** Answers the runtime's question for the next invocation. */
  give(headers: Readonly<Record<string, string>>, payload: string): void {
    const waiting = this.#waiting;
    if (!waiting) throw new Error("the runtime has not asked for an invocation");
    this.#waiting = undefined;
    waiting.writeHead(200, {
      ...headers,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(payload),
    });
    waiting.end(payload);
  }

  close(): Promise<void> {
    return shut(this.#server);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    if (request.method === "GET" && path === "invocation/next") {
      this.#waiting = response;
      // Pipelined, the question for the next invocation shows before the answer to the last has been read.
      if (this.#reading === 0) this.#events.next();
      return;
    }
    const chunks: Buffer[] = [];
    this.#reading++;
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.#reading--;
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      const [what, id, kind] = path.split("/");
      let status = 202;
      if (path === "init/error") this.#events.initError(body);
      else if (what === "invocation" && id && kind === "error") this.#events.result(id, body, true);
      else if (what === "invocation" && id && kind === "response") {
        if (body.length > MAX_RESPONSE_BYTES) {
          status = 413;
          this.#events.result(id, tooLarge, true);
        } else this.#events.result(id, body, false);
      } else status = 404;
      response.writeHead(status, { "content-type": "application/json", "content-length": accepted.length });
      response.end(accepted);
      if (this.#waiting && this.#reading === 0) this.#events.next();
    });
  }
}

const tooLarge = Buffer.from(
  JSON.stringify({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  }),
);
