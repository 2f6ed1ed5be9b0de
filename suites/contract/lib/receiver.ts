import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Case } from "../case.ts";

/** The body of a delivery. */
export interface WebhookEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly id: string; readonly invoiceId?: string };
}

/** One request that arrived. */
export interface Arrival {
  /** When its body had come, milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly event: WebhookEvent;
}

/** What an attempt gets: a status, a redirect, a connection that breaks, or no answer at all. */
export type Reaction = number | { readonly redirect: string } | "drop" | "hang";

/** Where one webhook points to, and what came. */
export interface Inbox {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** Every attempt for one event. */
  of(eventId: string): readonly Arrival[];
  /** Each event once, in the order of first arrival. */
  events(): readonly WebhookEvent[];
}

interface Known extends Inbox {
  readonly arrivals: Arrival[];
  readonly react: (event: WebhookEvent, attempt: number) => Reaction;
}

const inboxes = new Map<string, Known>();
const servers = new Map<string, Promise<Server>>();

/**
 * Opens an inbox at a path of its own on this process's receiver.
 * @param react what the nth attempt (from 1) for an event gets; 204 unless told
 */
export async function openInbox(c: Case, react: Known["react"] = () => 204): Promise<Inbox> {
  const { host, port, publicUrl } = c.target.webhookReceiver ?? { host: "127.0.0.1", port: 0 };
  const server = servers.get(`${host}:${port}`) ?? listen(host, port);
  servers.set(`${host}:${port}`, server);
  const base = publicUrl ?? `http://${host}:${((await server).address() as AddressInfo).port}`;
  const name = randomUUID();
  const arrivals: Arrival[] = [];
  const inbox: Known = {
    url: `${base.replace(/\/$/, "")}/${name}`,
    arrivals,
    react,
    of: (eventId) => arrivals.filter(({ event }) => event.id === eventId),
    events: () => {
      const first = arrivals.filter(
        ({ event }, at) => arrivals.findIndex((one) => one.event.id === event.id) === at,
      );
      return first.map(({ event }) => event);
    },
  };
  inboxes.set(name, inbox);
  return inbox;
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The sender went away.
    }
    // Its last segment: a public URL may put a path before it.
    const inbox = inboxes.get(request.url?.split("/").at(-1) ?? "");
    if (inbox === undefined) return void response.writeHead(404).end();
    const text = Buffer.concat(chunks).toString("utf8");
    const { method = "", headers } = request;
    const event = eventIn(text);
    inbox.arrivals.push({ at: Date.now(), method, headers, text, event });
    answer(response, inbox.react(event, inbox.of(event.id).length));
  });
  // It lives as long as the worker, and does not keep it alive.
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

function answer(response: ServerResponse, reaction: Reaction): void {
  if (reaction === "hang") return;
  if (reaction === "drop") return void response.destroy();
  if (typeof reaction === "object")
    return void response.writeHead(302, { location: reaction.redirect }).end();
  response.writeHead(reaction).end(reaction === 204 ? undefined : "ignored");
}

/** What is no event shows as one without anything, and differs from whatever is expected. */
function eventIn(text: string): WebhookEvent {
  try {
    const event = JSON.parse(text) as WebhookEvent;
    if (typeof event.id === "string" && typeof event.data?.id === "string") return event;
  } catch {
    // Falls through.
  }
  return { id: "", type: "", createdAt: "", data: { id: "" } };
}

/** Holds an arrival to the form of a delivery, signed with the secret. */
export function checkArrival(c: Case, { at, method, headers, text, event }: Arrival, secret: string): void {
  const what = `delivery of ${event.type}`;
  c.equal(`${what}: method`, method, "POST");
  c.equal(`${what}: content-type`, headers["content-type"]?.split(";")[0], "application/json");
  const signature = headers["webhook-signature"];
  const seconds = /^t=(\d+),/.exec(String(signature))?.[1] ?? "none";
  const mac = createHmac("sha256", secret).update(`${seconds}.${text}`).digest("hex");
  c.equal(`${what}: webhook-signature`, signature, `t=${seconds},v1=${mac}`);
  c.equal(`${what}: t is about now`, Math.abs(Number(seconds) - at / 1000) < 300, true);
}
