/** What came back, with the body parsed when it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API sent
  readonly body: any;
  readonly etag: string;
}

export interface Request {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ifMatch?: string;
  readonly key?: string;
}

/** One caller of the API. */
export type Send = (method: string, path: string, request?: Request) => Promise<Answer>;

export function caller(url: string, apiKey?: string): Send {
  return async (method, path, { body, raw, type, headers, ifMatch, key } = {}) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const usual = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const response = await fetch(url + path, {
      method,
      ...(payload !== undefined && { body: payload }),
      headers: {
        ...(apiKey && { authorization: `Bearer ${apiKey}` }),
        ...(payload !== undefined && { "content-type": type ?? usual }),
        ...(ifMatch !== undefined && { "if-match": ifMatch }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...headers,
      },
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : text,
      etag: response.headers.get("etag") ?? "",
    };
  };
}

export interface Tenant {
  readonly id: string;
  readonly ownerId: string;
  readonly etag: string;
  readonly send: Send;
}

/** A fresh account: an isolated world. */
export async function tenant(url: string, account: object = {}): Promise<Tenant> {
  const wanted = { name: "Acme", email: "ada@example.com", currency: "EUR", ...account };
  const { status, body, etag } = await caller(url)("POST", "/accounts", { body: wanted });
  if (status !== 201) throw new Error(`no account: ${status} ${JSON.stringify(body)}`);
  return { id: body.account.id, ownerId: body.owner.id, etag, send: caller(url, body.apiKey) };
}

/** The pointers or parameters a problem names, sorted. */
export const named = (answer: Answer): readonly string[] =>
  ((answer.body?.errors ?? []) as { pointer?: string; parameter?: string }[])
    .map((fault) => fault.pointer ?? fault.parameter ?? "?")
    .sort();

/** The last part of a problem's type. */
export const slug = (answer: Answer): string => String(answer.body?.type).split("/").at(-1) ?? "";

let counter = 0;
export const newKey = (): string => `key-${process.pid}-${++counter}`;
