import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Forward, Injector, Received, Sent } from "./exchange.ts";

export interface RunningProxy {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands in front of a sound target and gives every request to `handle`, which hands it on as it is, changed, or
 * not at all. What `handle` throws breaks the connection: a client must see that as what it is.
 */
export async function startProxy(soundUrl: string, handle: Injector): Promise<RunningProxy> {
  const agent = new Agent({ keepAlive: true });
  const forward: Forward = (sent) => send(soundUrl, agent, sent);
  const server = createServer(async (incoming, outgoing) => {
    try {
      answer(outgoing, await handle(await readRequest(incoming), forward));
    } catch {
      outgoing.destroy();
    }
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<Sent> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? "GET",
    url: incoming.url ?? "/",
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

function send(soundUrl: string, agent: Agent, { method, url, headers, body }: Sent): Promise<Received> {
  const { connection: _, "transfer-encoding": __, host: ___, ...kept } = headers;
  const length =
    body.length > 0 || headers["content-length"] !== undefined ? { "content-length": body.length } : {};
  return new Promise((resolve, reject) => {
    const sent = request(`${soundUrl}${url}`, { method, agent, headers: { ...kept, ...length } }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        const {
          connection: _,
          "keep-alive": __,
          "transfer-encoding": ___,
          "content-length": ____,
          ...rest
        } = reply.headers;
        resolve({ status: reply.statusCode ?? 0, headers: rest, body: Buffer.concat(chunks) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function answer(outgoing: ServerResponse, { status, headers, body }: Received): void {
  outgoing.writeHead(status, body.length > 0 ? { ...headers, "content-length": body.length } : headers);
  outgoing.end(body);
}
