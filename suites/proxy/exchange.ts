import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

export interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Received {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Hands a request on to the sound target. */
export type Forward = (sent: Sent) => Promise<Received>;

/** What a defect does with a request of its operation, instead of handing it on as it is. */
export type Injector = (sent: Sent, forward: Forward) => Promise<Received>;

export function withHeader(sent: Sent, name: string, value: string | undefined): Sent {
  const headers = { ...sent.headers };
  if (value === undefined) delete headers[name];
  else headers[name] = value;
  return { ...sent, headers };
}

/** The body as JSON, or undefined when it is none. */
export function jsonOf(message: { readonly body: Buffer }): unknown {
  try {
    return JSON.parse(message.body.toString("utf8"));
  } catch {
    return undefined;
  }
}

export function withJson<T extends Sent | Received>(message: T, value: unknown): T {
  return { ...message, body: Buffer.from(JSON.stringify(value)) };
}

/** Changes the JSON of a successful reply; leaves every other reply alone. */
export function changeSuccess(received: Received, change: (body: unknown) => unknown): Received {
  const body = received.status < 300 ? jsonOf(received) : undefined;
  return body === undefined ? received : withJson(received, change(body));
}

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null;

/**
 * Changes every place that a pointer with `*` names: `edit` gets the object or array that holds it, and the
 * member's name. Works on a copy.
 */
export function editAt(
  value: unknown,
  pointer: string,
  edit: (holder: Members, name: string) => void,
): unknown {
  const copy = structuredClone(value);
  const steps = pointer.split("/").slice(1);
  const name = steps.pop();
  if (name === undefined) return copy;
  const walk = (at: unknown, rest: readonly string[]): void => {
    if (!isMembers(at)) return;
    const [step, ...further] = rest;
    if (step === undefined) edit(at, name);
    else if (step === "*") for (const item of Object.values(at)) walk(item, further);
    else walk(at[step], further);
  };
  walk(copy, steps);
  return copy;
}

/** Changes every string and every member anywhere in a JSON value; `undefined` leaves a member out. */
export function mapJson(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapJson(item, change));
  if (!isMembers(value)) return change(value);
  const members = Object.entries(value).map(([name, member]) => [name, mapJson(member, change)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}
