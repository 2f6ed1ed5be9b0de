import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { matchOperation, type OperationModel } from "../../../openapi/model/index.ts";
import type { Received, Sent } from "./exchange.ts";
import type { Defect } from "./fault.ts";
import { injectorOf } from "./injectors.ts";
import { Memory } from "./memory.ts";

export interface DefectiveTarget {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A target that is wrong in exactly one way: it hands everything on to a sound one and applies the defect to
 * the traffic of its operation. With `undefined` for the defect it changes nothing.
 */
export async function startDefectiveTarget(
  soundUrl: string,
  model: OperationModel,
  defect: Defect | undefined,
): Promise<DefectiveTarget> {
  const agent = new Agent({ keepAlive: true });
  const memory = new Memory();
  const inject = defect === undefined ? undefined : injectorOf(defect.fault, memory);
  const forward = (sent: Sent): Promise<Received> => send(soundUrl, agent, sent);
  const server = createServer(async (incoming, outgoing) => {
    try {
      const sent = await readRequest(incoming);
      const operation = matchOperation(model, sent.method, sent.url);
      const isOfDefect = defect !== undefined && operation?.id === defect.operation;
      const observed = async (one: Sent): Promise<Received> => {
        const received = await forward(one);
        memory.observe(one, received, isOfDefect);
        return received;
      };
      answer(outgoing, inject && isOfDefect ? await inject(sent, observed) : await observed(sent));
    } catch {
      // As a connection that breaks: the suite must see that as what it is.
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
