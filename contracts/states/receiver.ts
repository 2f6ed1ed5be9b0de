import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookReceiver } from "../../gates/config.ts";

/** A delivery as it came in. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One URL that a webhook may point to. */
export interface Inbox {
  readonly url: string;
  /** What came, in order. */
  readonly arrivals: readonly Arrival[];
}

/** Where the targets' deliveries arrive. */
export interface Receiver {
  open(): Inbox;
  close(): Promise<void>;
}

/** Listens on this machine and takes every delivery with 204. */
export async function startReceiver(
  { host, port, publicUrl }: WebhookReceiver = { host: "127.0.0.1", port: 0 },
): Promise<Receiver> {
  const inboxes = new Map<string, Arrival[]>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The sender went away.
    }
    // Its last segment: a public URL may put a path before it.
    const arrivals = inboxes.get(request.url?.split("/").at(-1) ?? "");
    arrivals?.push({ headers: request.headers, text: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(arrivals === undefined ? 404 : 204).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const base = publicUrl ?? `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    open() {
      const name = randomUUID();
      const arrivals: Arrival[] = [];
      inboxes.set(name, arrivals);
      return { url: `${base.replace(/\/$/, "")}/${name}`, arrivals };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Whether `Webhook-Signature` is the HMAC of what was sent (openapi/webhooks.yaml, "The signature"). */
export function isSigned({ headers, text }: Arrival, secret: string): boolean {
  const [, seconds, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["webhook-signature"])) ?? [];
  if (seconds === undefined || given === undefined) return false;
  const wanted = createHmac("sha256", secret).update(`${seconds}.${text}`).digest();
  return timingSafeEqual(wanted, Buffer.from(given, "hex"));
}
