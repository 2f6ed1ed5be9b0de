import type {
  CallOf,
  Client,
  Documented,
  LooseCall,
  LooseReply,
  RawRequest,
  Reply,
} from "../../../openapi/client/index.ts";
import type { operations } from "../../../openapi/generated/index.ts";
import type { OperationModel } from "../../../openapi/model/index.ts";

type Answers<Id extends keyof operations> = Extract<Reply<operations[Id]>, { readonly kind: "documented" }>;
type StatusOf<Id extends keyof operations> = Answers<Id>["status"];

/** The reply of an operation with one of its statuses. */
export type AnswerOf<Id extends keyof operations, S> =
  Answers<Id> extends infer R
    ? R extends Documented<infer Has, infer Body>
      ? S extends Has
        ? Documented<S & number, Body>
        : never
      : never
    : never;

type CallArguments<Id extends keyof operations> =
  Record<never, never> extends CallOf<operations[Id]>
    ? [call?: CallOf<operations[Id]>]
    : [call: CallOf<operations[Id]>];

/** A reply whose operation the types do not know. */
export type Answer = Documented<number, unknown>;
export type Wanted = number | readonly number[];

/**
 * A client whose every call states the status (or the statuses) that it wants: `api.createPlan(201, { body })`.
 * Another status is a finding and ends the part of the case (`Stop`); a reply that breaks the documents is a
 * finding, and the case goes on with what came.
 */
export type Api = {
  readonly [Id in keyof operations]: <const S extends StatusOf<Id>>(
    wanted: S | readonly S[],
    ...call: CallArguments<Id>
  ) => Promise<AnswerOf<Id, S>>;
} & {
  /** The key it sends; `undefined`: none. */
  readonly key: string | undefined;
  /** An operation called with what the compiler would refuse. */
  send(wanted: Wanted, operationId: string, call?: LooseCall): Promise<Answer>;
  /** Any request at all. */
  raw(wanted: Wanted, request: RawRequest): Promise<Answer>;
  /** The same with another key, or with none. */
  as(key: string | undefined): Api;
};

/** Stands between the case and the network. */
export interface Referee {
  /** A request with this Idempotency-Key is about to go out. */
  sending(idempotencyKey: string): void;
  /** Judges a reply by the statuses wanted. @throws Stop */
  judge(reply: LooseReply, wanted: readonly number[]): Answer;
}

/** Puts a referee between the case and the client. */
export function judgedApi(
  model: OperationModel,
  client: Client<operations>,
  referee: Referee,
  key?: string,
): Api {
  const statuses = (wanted: Wanted) => (typeof wanted === "number" ? [wanted] : wanted);
  const announce = (headers: LooseCall["headers"] = {}): void => {
    const name = Object.keys(headers).find((one) => one.toLowerCase() === "idempotency-key");
    const sent = name === undefined ? undefined : headers[name];
    if (sent !== undefined) referee.sending(sent);
  };
  const send = async (wanted: Wanted, operationId: string, call?: LooseCall) => {
    announce(call?.headers);
    return referee.judge(await client.send(operationId, call), statuses(wanted));
  };
  const raw = async (wanted: Wanted, request: RawRequest) => {
    announce(request.headers);
    return referee.judge(await client.raw(request), statuses(wanted));
  };
  const calls = model.operations.map(
    ({ id }) => [id, (wanted: Wanted, call?: LooseCall) => send(wanted, id, call)] as const,
  );
  const as = (other: string | undefined) => judgedApi(model, client.as(other), referee, other);
  return { ...Object.fromEntries(calls), key, send, raw, as } as unknown as Api;
}
