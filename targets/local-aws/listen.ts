import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LocalAwsUnavailable } from "./errors.ts";

/** Listens on loopback; `port` 0 takes any free one. Resolves to the port. */
export function listen(server: Server, port: number, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? "UNKNOWN";
      reject(new LocalAwsUnavailable(`${what} cannot listen on 127.0.0.1:${port}: ${code}`, code));
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Stops listening and drops every connection. */
export function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
