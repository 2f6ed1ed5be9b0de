import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong between the load and a target. */
export type TargetFault = "stall" | "error" | "reset" | "trickle" | "throttle" | "death" | "wrong answer";

/** One request of so many meets the fault; what comes all at once comes after so many. */
const EVERY = 8;
const AFTER = 40;
const STALL_MS = 5_000;
const TRICKLE_MS = 2_500;

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Passes everything on to `target` and does one thing wrong; without a fault, nothing. */
export async function faultyProxy(target: string, fault?: TargetFault): Promise<Proxy> {
  let seen = 0;
  let free = Promise.resolve();
  const server = createServer((request, response) => {
    const number = ++seen;
    const hit = number % EVERY === 0;
    if (fault === "death" && number >= AFTER) {
      die(server);
      return;
    }
    if (hit && fault === "reset") {
      request.socket.destroy();
      return;
    }
    if (hit && (fault === "error" || fault === "throttle")) {
      request.resume();
      response.writeHead(fault === "error" ? 500 : 429, { "content-type": "application/problem+json" });
      response.end('{"type":"about:blank","title":"injected","status":500}');
      return;
    }
    if (fault === "stall" && number === AFTER) free = new Promise((resolve) => setTimeout(resolve, STALL_MS));
    void free.then(() => pass(request, response, target, fault));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The process is gone: nobody listens, and whoever was connected is not any more. */
function die(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function pass(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  fault: TargetFault | undefined,
): void {
  const upstream = ask(new URL(request.url ?? "/", target), {
    method: request.method,
    headers: { ...request.headers, host: new URL(target).host },
  });
  upstream.on("response", (reply) => {
    const chunks: Buffer[] = [];
    reply.on("data", (chunk: Buffer) => chunks.push(chunk));
    reply.on("end", () => {
      const body = Buffer.concat(chunks);
      const { "transfer-encoding": _, ...headers } = reply.headers;
      answer(
        response,
        reply.statusCode ?? 502,
        headers,
        fault === "wrong answer" ? miscounted(body) : body,
        fault,
      );
    });
  });
  upstream.on("error", () => response.destroy());
  request.pipe(upstream);
}

function answer(
  response: ServerResponse,
  status: number,
  headers: IncomingMessage["headers"],
  body: Buffer,
  fault: TargetFault | undefined,
): void {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, { ...headers, ...(!bodiless && { "content-length": body.length }) });
  if (fault !== "trickle" || body.length < 2) {
    response.end(bodiless ? undefined : body);
    return;
  }
  response.write(body.subarray(0, 1));
  setTimeout(() => response.end(body.subarray(1)), TRICKLE_MS);
}

/** Every total one too high: a reply that looks right and is not. */
function miscounted(body: Buffer): Buffer {
  return Buffer.from(
    body.toString("utf8").replace(/"total":(\d+)/g, (_, n: string) => `"total":${Number(n) + 1}`),
  );
}
