import { checkReply } from "../conformance/index.ts";
import {
  matchOperation,
  type Operation,
  type OperationModel,
  operationById,
  responseFor,
} from "../model/index.ts";
import { operationRequest, rawRequest } from "./request.ts";
import { httpTransport, type SentRequest, type Transport } from "./transport.ts";
import type { Client, ClientTools, LooseCall, LooseReply, RawRequest } from "./types.ts";

export interface ClientOptions {
  /** May carry a path prefix; a slash at its end does not matter. */
  readonly baseUrl: string;
  /** The documents that replies are held to. */
  readonly model: OperationModel;
  /** Sent as `Authorization: Bearer`. */
  readonly apiKey?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For a whole request, milliseconds; 10,000 unless told. */
  readonly timeoutMs?: number;
  /** Takes any body under a documented status as documented: what a consumer in production does. Default false. */
  readonly trusting?: boolean;
  /** Another network, for tests. */
  readonly transport?: Transport;
}

/**
 * A client with one function for each operation of the model: `api.createPlan({ body })`. `Ops` is the
 * `operations` type that openapi-typescript generates; without it, calls are untyped and go through `send`.
 */
export function createClient<Ops = Record<never, never>>(options: ClientOptions): Client<Ops> {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const transport = options.transport ?? httpTransport(baseUrl, options.timeoutMs ?? 10_000);
  return bind<Ops>({ ...options, baseUrl, transport });
}

type Bound = ClientOptions & { readonly transport: Transport };

function bind<Ops>(options: Bound): Client<Ops> {
  const { baseUrl, model, transport } = options;
  const defaults = {
    ...options.headers,
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
  };
  const call = (operation: Operation, given: LooseCall = {}) =>
    exchange(options, operation, operationRequest(baseUrl, operation, given, defaults));
  const tools: ClientTools<Ops> = {
    baseUrl,
    raw: async (raw: RawRequest) =>
      exchange(options, matchOperation(model, raw.method, raw.path), rawRequest(baseUrl, raw, defaults)),
    send: async (operationId, given) => call(operationById(model, operationId), given),
    as: (apiKey) => bind<Ops>({ ...options, apiKey }),
    close: () => transport.close(),
  };
  const operations = Object.fromEntries(
    model.operations.map((operation) => [operation.id, async (given?: LooseCall) => call(operation, given)]),
  );
  return { ...operations, ...tools } as unknown as Client<Ops>;
}

async function exchange(
  options: Bound,
  operation: Operation | undefined,
  request: SentRequest,
): Promise<LooseReply> {
  const sent = await options.transport.send(request);
  const common = { operation: operation?.id, request, ms: sent.ms };
  if (sent.kind === "unreachable") return { kind: "unreachable", cause: sent.cause, ...common };
  const body = parse(sent.answer.text);
  if (operation === undefined) return { kind: "undocumented", ...common, ...sent.answer, body, findings: [] };
  const trusted = options.trusting === true && responseFor(operation, sent.answer.status) !== undefined;
  const findings = trusted ? [] : checkReply(options.model, operation.id, sent.answer);
  return findings.length === 0
    ? { kind: "documented", ...common, ...sent.answer, body }
    : { kind: "undocumented", ...common, ...sent.answer, body, findings };
}

/** `undefined` for what is no JSON, the empty body included; the findings tell the two apart. */
function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
