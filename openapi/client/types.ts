import type { Finding } from "../conformance/finding.ts";
import type { Answer, SentRequest } from "./transport.ts";

/** What openapi-typescript writes for one operation. */
interface OperationShape {
  readonly parameters: { readonly path?: unknown; readonly query?: unknown; readonly header?: unknown };
  readonly requestBody?: unknown;
  readonly responses: object;
}

/** `{ name: T }`, `{ name?: T }` when it may be absent, nothing when there is none. */
type Part<Name extends string, T> = [T] extends [undefined]
  ? { readonly [key in Name]?: never }
  : undefined extends T
    ? { readonly [key in Name]?: Exclude<T, undefined> }
    : { readonly [key in Name]: T };

type ContentOf<T> = T extends { readonly content: infer Content } ? Content[keyof Content] : undefined;

/** What a call of the operation takes: path, query, headers and body, each as documented. */
export type CallOf<Op> = Op extends OperationShape
  ? Part<"path", Op["parameters"]["path"]> &
      Part<"query", Op["parameters"]["query"]> &
      Part<"headers", Op["parameters"]["header"]> &
      Part<"body", ContentOf<Op["requestBody"]>>
  : never;

type ServerError = 500 | 501 | 502 | 503 | 504 | 505 | 506 | 507 | 508 | 510 | 511;
type StatusOf<Key> = Key extends number ? Key : Key extends "5XX" ? ServerError : number;

/** What every reply carries, for reports. */
export interface Exchange {
  /** The operationId; `undefined` for a raw request that is no documented operation. */
  readonly operation: string | undefined;
  readonly request: SentRequest;
  /** From the request's start to the reply's last byte. */
  readonly ms: number;
}

/** The reply is documented, in status, headers, content type and body. */
export interface Documented<Status extends number, Body> extends Exchange, Answer {
  readonly kind: "documented";
  readonly status: Status;
  readonly body: Body;
}

/** A reply came, and breaks what is documented: `findings` say how. Empty where no operation was asked. */
export interface Undocumented extends Exchange, Answer {
  readonly kind: "undocumented";
  readonly body: unknown;
  readonly findings: readonly Finding[];
}

/** No reply came: refused, reset, timed out. */
export interface Unreachable extends Exchange {
  readonly kind: "unreachable";
  readonly cause: unknown;
}

type ContentAt<Responses, Key extends keyof Responses> = ContentOf<Responses[Key]>;

type DocumentedOf<Responses> = {
  [Key in keyof Responses]: Documented<StatusOf<Key>, ContentAt<Responses, Key>>;
}[keyof Responses];

/** The reply to an operation; branch on `kind`, then on `status`. */
export type Reply<Op> =
  | (Op extends OperationShape ? DocumentedOf<Op["responses"]> : never)
  | Undocumented
  | Unreachable;

/** The reply to a request that the types know nothing of. */
export type LooseReply = Documented<number, unknown> | Undocumented | Unreachable;

/** One function for each operation. The argument may be left out where nothing in it is required. */
export type Operations<Ops> = {
  readonly [Id in keyof Ops]: Record<never, never> extends CallOf<Ops[Id]>
    ? (call?: CallOf<Ops[Id]>) => Promise<Reply<Ops[Id]>>
    : (call: CallOf<Ops[Id]>) => Promise<Reply<Ops[Id]>>;
};

export type Scalar = string | number | boolean;

/** A call that the compiler does not hold to the documents. */
export interface LooseCall {
  readonly path?: Readonly<Record<string, Scalar>>;
  /** A list repeats the parameter. */
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[] | undefined>>;
  /** Win over the client's own; an empty name is refused by Node, `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON; a Buffer as it is. */
  readonly body?: unknown;
}

/** A request spelt out. */
export interface RawRequest {
  readonly method: string;
  /** Behind the base URL, query included, escaped as it shall go out. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
}

export interface ClientTools<Ops> {
  readonly baseUrl: string;
  /** The escape hatch: any request. Its reply is held to the operation that the route leads to, if any. */
  raw(request: RawRequest): Promise<LooseReply>;
  /** An operation called with what the compiler would refuse, or chosen while running. */
  send(operationId: string, call?: LooseCall): Promise<LooseReply>;
  /** The same client with another key, or with none. Connections are shared. */
  as(apiKey: string | undefined): Client<Ops>;
  /** Closes idle connections. */
  close(): void;
}

/** An operation called `raw`, `send`, `as`, `close` or `baseUrl` is reached by `send` only. */
export type Client<Ops> = ClientTools<Ops> & Omit<Operations<Ops>, keyof ClientTools<Ops>>;
