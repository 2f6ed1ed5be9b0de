import { isDeepStrictEqual } from "node:util";
import type { LoadRequest } from "../../gates/evidence/index.ts";
import { checkReply } from "../../openapi/conformance/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { valueAt } from "../scenario/json-path.ts";
import { fill, type Variables } from "../scenario/template.ts";
import type { Match, RequestStep } from "../scenario/types.ts";
import type { Exchange } from "./exchange.ts";

export interface Judgement {
  readonly outcome: LoadRequest["outcome"];
  /** What the step asked to keep; nothing unless the reply is right. */
  readonly captured: Variables;
  /** The poll's reply says: ask again. */
  readonly pending: boolean;
}

/**
 * Whether a reply is what its step wants. A right status with a wrong body is an error: it must conform to its
 * operation, and hold the values that the scenario expects.
 * @param pending given for a reply that may also say "not yet"
 */
export function judgeReply(
  model: OperationModel,
  step: RequestStep,
  variables: Variables,
  { reply, headers, body }: Exchange,
  pending?: Match,
): Judgement {
  const error = (outcome: LoadRequest["outcome"]): Judgement => ({ outcome, captured: {}, pending: false });
  if (reply === "timeout") return error("timeout");
  if (typeof reply !== "number") return error("connection");
  if (!step.statuses.includes(reply)) return error(reply === 429 ? "throttled" : "unexpected-status");
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  if (checkReply(model, step.endpoint, { status: reply, headers, text, bytes: body }).length > 0) {
    return error("wrong-body");
  }
  const json: unknown = text === "" ? undefined : JSON.parse(text);
  const holds = ({ path, value }: Match): boolean =>
    isDeepStrictEqual(valueAt(path, json), fill(value, variables));
  if (pending && holds(pending)) return { outcome: "ok", captured: {}, pending: true };
  if (!step.match.every(holds)) return error("wrong-body");
  const captured: Record<string, unknown> = {};
  for (const one of step.capture) {
    const value = one.from === "json" ? valueAt(one.path, json) : headers[one.header];
    if (value === undefined) return error("wrong-body");
    captured[one.as] = value;
  }
  return { outcome: "ok", captured, pending: false };
}
