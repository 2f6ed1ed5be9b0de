import {
  changeSuccess,
  jsonOf,
  type Received,
  type Sent,
  withHeader,
  withJson,
} from "../../proxy/exchange.ts";

// biome-ignore lint/suspicious/noExplicitAny: bodies of every operation, known to the defect that reads them
export type Json = any;

/** One request to a defective target, with what it knows about it. */
export interface Call {
  readonly sent: Sent;
  /** operationId. */
  readonly operation: string;
  /** The values of the path's parameters. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body, or undefined without a good one. */
  readonly body: Json;
  /** The key of an owner of the account that asks; "" when nobody does. */
  readonly account: string;
  /** An owner's key of the account that has what the path names. */
  readonly ownerOfPath: string | undefined;
  /** Hands the request, or another in its place, on to the sound target. */
  forward(sent?: Sent): Promise<Received>;
  /** Asks the sound target for something else, as an owner of the account. */
  ask(
    method: string,
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Received>;
}

/** What a defect does with a request of one operation instead of handing it on. */
export type Handler = (call: Call) => Promise<Received>;

/** The operations that a defect touches. `*` stands for all that are not named. */
export type Handlers = Readonly<Record<string, Handler>>;

/** Each call gives a defect with a memory of its own. */
export type Defective = () => Handlers;

/** Changes a successful answer. */
export const answering =
  (change: (body: Json, call: Call) => unknown): Handler =>
  async (call) =>
    changeSuccess(await call.forward(), (body) => change(body, call));

/** Hands another body on where `change` gives one. A request that need not change goes on byte for byte. */
export const rewriting = (change: (body: Json, call: Call) => Json | undefined): Handler => {
  return (call) => call.forward(rewritten(call, change));
};

export function rewritten(call: Call, change: (body: Json, call: Call) => Json | undefined): Sent {
  const isObject = typeof call.body === "object" && call.body !== null && !Array.isArray(call.body);
  const changed = isObject ? change(call.body, call) : undefined;
  return changed === undefined ? call.sent : withJson(call.sent, changed);
}

/** Where the sound target answers with this status, `make` may give another answer. */
export const insteadOf =
  (status: number, make: (call: Call, received: Received) => Promise<Received | undefined>): Handler =>
  async (call) => {
    const received = await call.forward();
    return received.status === status ? ((await make(call, received)) ?? received) : received;
  };

/** Goes on with another query. */
export function withQuery(call: Call, change: (query: URLSearchParams) => void): Sent {
  const query = new URLSearchParams(call.query);
  change(query);
  const [path = ""] = call.sent.url.split("?");
  return { ...call.sent, url: query.size === 0 ? path : `${path}?${query}` };
}

/** Lets a parameter of the query go unheard, but not one that has to be refused. */
export const deafTo = (parameter: string, good: RegExp): Handler => {
  return (call) =>
    call.forward(
      good.test(call.query.get(parameter) ?? "") && call.query.getAll(parameter).length === 1
        ? withQuery(call, (query) => query.delete(parameter))
        : call.sent,
    );
};

/** Sends the same request with the key of another. */
export const asOwner = ({ sent }: Call, key: string): Sent =>
  withHeader(sent, "authorization", `Bearer ${key}`);

export const succeeded = ({ status }: Received): boolean => status < 300;
export const bodyOf = (received: Received): Json => jsonOf(received);

export function answer(
  status: number,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Received {
  if (body === undefined) return { status, headers, body: Buffer.alloc(0) };
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** An error as the API writes it (RFC 9457). */
export function problem(status: number, slug: string, title: string, detail: string): Received {
  return answer(status, problemBody(status, slug, title, detail), {
    "content-type": "application/problem+json",
  });
}

export const problemBody = (status: number, slug: string, title: string, detail: string) => ({
  type: `https://cutover.example/problems/${slug}`,
  title,
  status,
  detail,
});

/** Changes every object of a successful answer, from the inside out, that `change` gives another for. */
export const eachObject = (change: (object: Json, call: Call) => Json | undefined): Handler =>
  answering((body, call) => mapObjects(body, (object) => change(object, call)));

export function mapObjects(value: Json, change: (object: Json) => Json | undefined): Json {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change));
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mapObjects(member, change)]),
  );
  return change(inner) ?? inner;
}
