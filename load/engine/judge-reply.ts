import { isDeepStrictEqual } from "node:util";
import type { LoadRequest } from "../../gates/evidence/index.ts";
import { checkReply } from "../../openapi/conformance/index.ts";
import type { OperationModel } from "../../openapi/model/index.ts";
import { valueAt } from "../scenario/json-path.ts";
import { fill, type Variables } from "../scenario/template.ts";
import type { Expectation, Match, Place, RequestStep } from "../scenario/types.ts";
import type { Exchange } from "./exchange.ts";

export interface Judgement {
  readonly outcome: LoadRequest["outcome"];
  /** What the step asked to keep; nothing unless the reply is right. */
  readonly captured: Variables;
  /** The poll's reply says: ask again. */
  readonly pending: boolean;
  /** The error with which a function rejected the reply. */
  readonly why?: unknown;
}

/** The parts of a reply that checks look at, each read once and only when asked for. */
interface Read {
  readonly status: number;
  readonly headers: Exchange["headers"];
  readonly text: () => string;
  readonly json: () => unknown;
}

const ok: Judgement = { outcome: "ok", captured: {}, pending: false };
const wrong = (outcome: LoadRequest["outcome"]): Judgement => ({ outcome, captured: {}, pending: false });

/**
 * Whether a reply is what its step wants. A right status with a wrong body is an error: it must conform to its
 * operation, and hold the values that the scenario expects.
 * @param model the operations there are; undefined: replies are held to none
 * @param pending given for a reply that may also say "not yet"
 * @param anyStatus a step that expects no status takes any, as Artillery has it; else it takes 2xx
 */
export function judgeReply(
  model: OperationModel | undefined,
  step: RequestStep,
  variables: Variables,
  got: Exchange,
  pending?: Match,
  anyStatus = false,
): Judgement {
  const { reply, headers, body } = got;
  if (reply === "timeout") return wrong("timeout");
  if (typeof reply !== "number") return wrong("connection");
  const expected = step.statuses?.includes(reply) ?? (anyStatus || (reply >= 200 && reply < 300));
  if (!expected) return wrong(reply === 429 ? "throttled" : "unexpected-status");
  const read = readOf(reply, headers, body);
  if (model !== undefined && step.named) {
    const answer = { status: reply, headers, text: read.text(), bytes: body };
    if (checkReply(model, step.endpoint, answer).length > 0) return wrong("wrong-body");
  }
  if (step.expect.length + step.match.length + step.capture.length === 0 && pending === undefined) return ok;
  const holds = ({ place, value }: Match): boolean =>
    isDeepStrictEqual(at(place, read), fill(value, variables));
  if (pending && holds(pending)) return { ...ok, pending: true };
  if (!step.match.every((match) => !match.strict || holds(match))) return wrong("wrong-body");
  const captured: Variables = {};
  for (const { place, as, strict } of step.capture) {
    const value = at(place, read);
    if (strict && (value === undefined || value === "")) return wrong("wrong-body");
    captured[as] = value ?? "";
  }
  const known = { ...variables, ...captured };
  if (!step.expect.every((one) => meets(one, read, known))) return wrong("wrong-body");
  return { outcome: "ok", captured, pending: false };
}

function readOf(status: number, headers: Exchange["headers"], body: Uint8Array): Read {
  const text = once(() => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  return { status, headers, text, json: once(() => parse(text())) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(place: Place, { headers, text, json }: Read): unknown {
  if (place.from === "json") return valueAt(place.path, json());
  if (place.from === "header") return headers[place.header];
  const found = new RegExp(place.pattern, place.flags).exec(text());
  const { group } = place;
  if (found === null || group === undefined) return found?.[0];
  return found.groups?.[group] ?? found[Number(group)] ?? found[0];
}

function meets(one: Expectation, { status, headers, text, json }: Read, variables: Variables): boolean {
  const filled = (value: unknown): string => String(fill(value, variables));
  switch (one.kind) {
    case "notStatusCode":
      return !one.statuses.includes(status);
    case "contentType": {
      const type = String(headers["content-type"] ?? "").toLowerCase();
      if (one.type !== "json") return type === filled(one.type).toLowerCase();
      return /application\/([\w.-]+\+)?json/.test(type) && typeof json() === "object" && json() !== null;
    }
    case "hasProperty":
      return has(json(), filled(one.property));
    case "notHasProperty":
      return typeof json() === "object" && json() !== null && !has(json(), filled(one.property));
    case "hasHeader":
      return Boolean(headers[filled(one.header)]);
    case "headerEquals":
      return String(headers[one.header] ?? "") === filled(one.value);
    case "equals":
      return new Set(one.values.map(filled)).size === 1;
    case "matchesRegexp":
      return new RegExp(filled(one.pattern)).test(text());
  }
}

/** Whether `property`, such as `items[0].id`, is there. */
function has(root: unknown, property: string): boolean {
  const keys = [...property.matchAll(/[^.[\]]+/g)].map(([key]) => key);
  let value = root;
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return true;
}
