import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { matchOperation, type OperationModel } from "../../openapi/model/index.ts";
import type { Defect, Fault } from "./defect.ts";

export interface DefectiveProvider {
  readonly url: string;
  close(): Promise<void>;
}

interface Reply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/**
 * A provider that is wrong in one way: it hands everything on to a sound one, and spoils what a verification sees of
 * the defect's operation or event. What sets up a state sees it sound, so that a defect is found where it is.
 */
export async function startDefectiveProvider(
  soundUrl: string,
  model: OperationModel,
  defect: Defect | undefined,
): Promise<DefectiveProvider> {
  /** Our path → where the webhook points to, and what signs its deliveries. */
  const hooks = new Map<string, { readonly to: string; secret: string }>();
  const ofAnEvent = defect !== undefined && !model.byId.has(defect.operation);
  let url = "";

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const body = await bodyOf(request);
    const operation = matchOperation(model, request.method ?? "GET", path)?.id;
    const redirected = ofAnEvent && operation === "createWebhook" ? divert(body) : undefined;
    const reply = await send(soundUrl + path, request, redirected?.body ?? body);
    if (redirected !== undefined) redirected.learn(reply.body);
    const watched = String(request.headers["user-agent"]).startsWith("pact_verifier");
    if (defect !== undefined && watched && operation === defect.operation && isOf(defect, reply))
      spoil(defect.fault, reply);
    answer(response, reply);
  }

  /** Lets the deliveries of a new webhook come by here. */
  function divert(body: string): { readonly body: string; learn(reply: unknown): void } {
    const asked = JSON.parse(body) as { readonly url: string };
    const path = `/deliveries/${hooks.size}`;
    const hook = { to: asked.url, secret: "" };
    hooks.set(path, hook);
    return {
      body: JSON.stringify({ ...asked, url: `${url}${path}` }),
      learn(reply) {
        const { secret, webhook } = reply as { readonly secret?: string; readonly webhook?: { url: string } };
        hook.secret = secret ?? "";
        if (webhook !== undefined) webhook.url = asked.url;
      },
    };
  }

  async function deliver(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const hook = hooks.get(path) ?? { to: "", secret: "" };
    const text = await bodyOf(request);
    const event: Reply = { status: 0, headers: {}, body: JSON.parse(text) };
    const spoilt = (event.body as { readonly type?: string }).type === defect?.operation;
    const seconds = /^t=(\d+)/.exec(String(request.headers["webhook-signature"]))?.[1] ?? "0";
    const falsely = spoilt && defect?.fault.kind === "false-signature";
    if (spoilt && defect !== undefined) spoil(defect.fault, event);
    const body = JSON.stringify(event.body);
    const mac = createHmac("sha256", falsely ? "whsec_another" : hook.secret).update(`${seconds}.${body}`);
    const sent = await fetch(hook.to, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-signature": `t=${seconds},v1=${mac.digest("hex")}`,
      },
      body,
    });
    response.writeHead(sent.status).end();
  }

  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const work = hooks.has(path) ? deliver(request, response, path) : pass(request, response);
    // As a connection that breaks.
    work.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const isOf = ({ status, fault }: Defect, reply: Reply): boolean =>
  status === undefined ? reply.status < 300 && fault.kind === "drop-member" : reply.status === status;

function spoil(fault: Fault, reply: Reply): void {
  if (fault.kind === "change-status") reply.status = fault.to;
  else if (fault.kind === "lose-header") delete reply.headers[fault.header];
  else if (fault.kind !== "false-signature") edit(reply.body, fault.pointer, changeOf(fault));
}

type Change = (holder: Holder, name: string) => void;

function changeOf(fault: Extract<Fault, { readonly pointer: string }>): Change {
  if (fault.kind === "drop-member") return (holder, name) => delete holder[name];
  if (fault.kind === "rename-member")
    return (holder, name) => {
      if (!Object.hasOwn(holder, name)) return;
      holder[`${name}_v2`] = holder[name];
      delete holder[name];
    };
  const value = fault.kind === "null-member" ? null : fault.kind === "empty-list" ? [] : fault.value;
  return (holder, name) => {
    if (Object.hasOwn(holder, name)) holder[name] = value;
  };
}

type Holder = Record<string, unknown>;

/** Changes every place that a pointer names. */
function edit(value: unknown, pointer: string, change: Change): void {
  const steps = pointer.split("/").slice(1);
  const last = steps.pop() ?? "";
  const walk = (at: unknown, rest: readonly string[]): void => {
    if (typeof at !== "object" || at === null) return;
    const [step, ...further] = rest;
    if (step === "*") for (const item of Object.values(at)) walk(item, further);
    else if (step !== undefined) walk((at as Holder)[step], further);
    else for (const name of last === "*" ? Object.keys(at) : [last]) change(at as Holder, name);
  };
  walk(value, steps);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const HOP = /^(host|connection|keep-alive|transfer-encoding|content-length|accept-encoding)$/;

async function send(url: string, request: IncomingMessage, body: string): Promise<Reply> {
  const headers = Object.entries(request.headers).filter(([name]) => !HOP.test(name));
  const response = await fetch(url, {
    method: request.method ?? "GET",
    headers: headers.map(([name, value]) => [name, String(value)]),
    redirect: "manual",
    ...(body !== "" && { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !HOP.test(name))),
    body: text === "" ? undefined : JSON.parse(text),
  };
}

function answer(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers);
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
