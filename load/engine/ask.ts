import { stringify } from "node:querystring";
import { CookieJar } from "tough-cookie";
import {
  compileTemplate,
  compileToText,
  type Filler,
  hasHole,
  type Variables,
} from "../scenario/template.ts";
import type { Body, RequestStep } from "../scenario/types.ts";
import type { Ask } from "./exchange.ts";

type AskOf = (variables: Variables) => Ask;
/** What a request is made of; `beforeRequest` functions may change it before it is filled. */
export interface Draft {
  url: string;
  method: string;
  name?: string;
  headers: Record<string, string>;
  json?: unknown;
  body?: string;
  form?: Record<string, unknown>;
  qs?: Record<string, unknown>;
  cookie?: Record<string, string>;
  [more: string]: unknown;
}

const ready = new WeakMap<RequestStep, AskOf>();

/** The request that a step asks of one user, its templates compiled once for all users. */
export function askOf(
  step: RequestStep,
  defaults: Readonly<Record<string, string>>,
  variables: Variables,
): Ask {
  let ask = ready.get(step);
  if (ask === undefined) {
    ask = compileAsk(step, defaults);
    ready.set(step, ask);
  }
  return ask(variables);
}

/** A draft with the names that Artillery gives its parts. */
export function draftOf(step: RequestStep, target: string): Draft {
  const { url, method, headers } = step;
  return { ...structuredClone(step.raw), url: target + url, method, headers: { ...headers } };
}

/** The step that a changed draft stands for. */
export function stepOf(step: RequestStep, draft: Draft, target: string): RequestStep {
  const url = draft.url.startsWith(target) ? draft.url.slice(target.length) : draft.url;
  if (!url.startsWith("/"))
    throw new Error(`a function sent a request elsewhere than to the target: ${draft.url}`);
  const { body: _, query: __, cookies: ___, ...rest } = step;
  const body = bodyOf(draft);
  const headers = Object.entries(draft.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    ...rest,
    url,
    method: String(draft.method).toUpperCase() as RequestStep["method"],
    headers: Object.fromEntries(headers),
    ...(body && { body }),
    ...(draft.qs && { query: draft.qs }),
    ...(draft.cookie && { cookies: draft.cookie }),
  };
}

/** As Artillery has it: JSON wins over a body. */
function bodyOf({ json, form, body }: Draft): Body | undefined {
  if (json !== undefined) return { kind: "json", value: json };
  if (form !== undefined) return { kind: "form", fields: form };
  return body === undefined ? undefined : { kind: "text", text: String(body) };
}

function compileAsk(step: RequestStep, defaults: Readonly<Record<string, string>>): AskOf {
  const { method } = step;
  const url = compileToText(step.url);
  const query = step.query && compileTemplate(step.query);
  const path: Filler<string> = query ? (variables) => withQuery(url(variables), query(variables)) : url;
  const [type, body] = compileBody(step.body);
  const texts = { ...(type !== undefined && { "content-type": type }), ...defaults, ...step.headers };
  if (!hasHole(texts))
    return (variables) => ({ method, path: path(variables), headers: texts, body: body(variables) });
  const headers = Object.entries(texts).map(([name, value]) => [name, compileToText(value)] as const);
  return (variables) => {
    const filled: Record<string, string> = {};
    for (const [name, value] of headers) filled[name] = value(variables);
    return { method, path: path(variables), headers: filled, body: body(variables) };
  };
}

function compileBody(body: Body | undefined): readonly [string | undefined, Filler<string | undefined>] {
  if (body === undefined) return [undefined, () => undefined];
  if (body.kind === "text") return [undefined, compileToText(body.text)];
  const type = body.kind === "json" ? "application/json" : "application/x-www-form-urlencoded";
  const given = body.kind === "json" ? body.value : body.fields;
  const write = (value: unknown): string => (body.kind === "json" ? JSON.stringify(value) : formOf(value));
  if (!hasHole(given)) {
    const text = write(given);
    return [type, () => text];
  }
  const value = compileTemplate(given);
  return [type, (variables) => write(value(variables))];
}

function formOf(fields: unknown): string {
  const pairs = Object.entries(fields as object).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new URLSearchParams(pairs).toString();
}

function withQuery(url: string, query: unknown): string {
  return `${url.split("?")[0]}?${new URLSearchParams(stringify(query as Record<string, string>))}`;
}

/** One user's cookies: none until the target sets one or the scenario does. */
export class Cookies {
  readonly #origin: string;
  #jar: CookieJar | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Adds what the scenario sets for a request. */
  set(cookies: Readonly<Record<string, unknown>>, path: string): void {
    for (const [name, value] of Object.entries(cookies)) this.#keep(`${name}=${String(value)}`, path);
  }

  /** Takes what a reply sets. What is no cookie is left alone, as browsers do. */
  take(header: string | readonly string[] | undefined, path: string): void {
    if (header === undefined) return;
    for (const cookie of typeof header === "string" ? [header] : header) this.#keep(cookie, path);
  }

  /** The header for a request; undefined when there is nothing to send. */
  headerFor(path: string): string | undefined {
    return this.#jar?.getCookieStringSync(this.#origin + path) || undefined;
  }

  #keep(cookie: string, path: string): void {
    this.#jar ??= new CookieJar(undefined, { looseMode: true });
    this.#jar.setCookieSync(cookie, this.#origin + path, { ignoreError: true });
  }
}
