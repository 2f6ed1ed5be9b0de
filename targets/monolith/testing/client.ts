import { randomUUID } from "node:crypto";

/** A reply, its body parsed; tests look at whatever they expect in it. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly etag: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on bodies of every operation
  readonly body: any;
}

/** Sends requests with one key. */
export interface Client {
  readonly accountId: string;
  readonly apiKey: string;
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** Sends one request; a string body goes as it is, `undefined` sends none. */
export async function send(
  base: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const response = await fetch(base + path, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": type }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    etag: response.headers.get("ETag") ?? "",
    body: text === "" ? undefined : JSON.parse(text),
  };
}

/** A client with the key; every POST carries an Idempotency-Key of its own unless it brings one. */
export function clientOf(base: string, accountId: string, apiKey: string): Client {
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send(base, method, path, body, {
      Authorization: `Bearer ${apiKey}`,
      ...(method === "POST" ? { "Idempotency-Key": randomUUID() } : {}),
      ...headers,
    });
  return Object.assign(call, { accountId, apiKey });
}

/** A fresh account, seen by its owner. */
export async function newAccount(base: string, taxRateBasisPoints = 1900): Promise<Client> {
  const { body } = await send(base, "POST", "/accounts", {
    name: "Acme",
    email: "ada@example.com",
    currency: "EUR",
    taxRateBasisPoints,
  });
  return clientOf(base, body.account.id, body.apiKey);
}

/** Asks until `done`, at most `deadlineMs` long. @throws Error with what was seen last */
export async function until<T>(
  ask: () => Promise<T>,
  done: (seen: T) => boolean,
  deadlineMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const seen = await ask();
    if (done(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`not so in ${deadlineMs} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The invoice once its finalization has ended. */
export async function finalized(call: Client, invoiceId: string): Promise<Reply> {
  return until(
    () => call("GET", `/invoices/${invoiceId}`),
    ({ body }) => body.status !== "finalizing",
  );
}
