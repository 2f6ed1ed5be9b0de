import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A delivery as it arrived. */
export interface Arrival {
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Where webhooks of a test point to. */
export interface Receiver {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  close(): void;
}

/** @param statusOf what to answer to the arrival with that index */
export async function startReceiver(
  statusOf: (arrival: Arrival, index: number) => number = () => 204,
): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const arrival = { at: Date.now(), headers: request.headers, text: Buffer.concat(chunks).toString() };
      arrivals.push(arrival);
      response.writeHead(statusOf(arrival, arrivals.length - 1)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    arrivals,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
