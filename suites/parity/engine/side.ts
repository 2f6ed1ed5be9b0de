import { isLosslessNumber, type LosslessNumber, stringify } from "lossless-json";
import type { Operation } from "../../../openapi/model/index.ts";
import { valueAt } from "../../../openapi/model/pointer.ts";
import { NONCE, resolveTemplate, type Symbolic, type Template } from "../generate/template.ts";
import type { Account, SetUpReply, TargetAccess, UserFile } from "../user-file.ts";
import type { Http, Reply, Request } from "./http.ts";
import type { Step, Who } from "./step.ts";

/** One system that sequences are sent to. */
export interface Endpoint {
  readonly name: string;
  readonly role: "baseline" | "candidate";
  readonly url: string;
  readonly http: Http;
}

/** A value that a step needs was not issued on this side: its reply was another one. */
export class Unbound extends Error {
  override readonly name = "Unbound";
}

let accounts = 0;
/** Starts somewhere else in each process, so that a long-lived system meets no name twice. */
const first = Date.now() % 9_000_000;

/** Seven digits, never the same twice in a process. */
function nextNonce(): string {
  accounts += 1;
  return String(1_000_000 + ((first + accounts * 7919) % 9_000_000));
}

/** One run of a sequence on one endpoint: its accounts, its replies, and the names of what it was issued. */
export class Side {
  readonly endpoint: Endpoint;
  readonly nonce: string = nextNonce();
  readonly replies = new Map<number, Reply>();
  /** What a value that the target issued is called: the place where it was first seen. */
  readonly names = new Map<string, string>();
  readonly #userFile: UserFile;
  #owner: Account | undefined;
  #stranger: Promise<Account> | undefined;

  constructor(endpoint: Endpoint, userFile: UserFile) {
    this.endpoint = endpoint;
    this.#userFile = userFile;
  }

  /** @throws as the user file's `openAccount` */
  async open(): Promise<void> {
    this.#owner = await this.#userFile.openAccount(this.#access(this.nonce));
    for (const [name, value] of Object.entries(this.#owner.values ?? {}))
      this.names.set(`s:${value}`, `account.${name}`);
  }

  get owner(): Account {
    return this.#owner ?? { headers: {} };
  }

  /** Sends a step, with each symbol as this side knows it. @throws Unbound */
  async send(step: Step, operation: Operation, raced = false): Promise<Reply> {
    const reply = await this.endpoint.http.send(await this.requestOf(step, operation), raced);
    this.replies.set(step.id, reply);
    return reply;
  }

  async requestOf(step: Step, operation: Operation): Promise<Request> {
    const account = operation.security.length === 0 ? { headers: {} } : await this.#credentials(step.who);
    const of = (template: Template | undefined): unknown =>
      template === undefined ? undefined : resolveTemplate(template, (symbol) => this.#resolve(symbol));
    const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
      encodeURIComponent(scalar(of(step.path[name]))),
    );
    const query = Object.entries({ ...step.query }).map(([name, value]) => [name, of(value)] as const);
    const pairs = [...query, ...Object.entries(account.query ?? {})].flatMap(([name, value]) =>
      Array.isArray(value)
        ? value.map((item) => [name, scalar(item)] as const)
        : [[name, scalar(value)] as const],
    );
    const search = pairs
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join("&");
    const headers: Record<string, string> = { accept: "application/json, */*;q=0.5", ...account.headers };
    for (const [name, value] of Object.entries(step.headers)) headers[name.toLowerCase()] = scalar(of(value));
    const body = step.body === undefined ? undefined : (stringify(of(step.body)) ?? "null");
    if (body !== undefined) headers["content-type"] = step.contentType ?? "application/json";
    return {
      method: operation.method,
      path: search === "" ? path : `${path}?${search}`,
      headers,
      ...(body !== undefined && { body }),
    };
  }

  async #credentials(who: Who): Promise<Account> {
    if (who === "owner") return this.owner;
    if (who === "nobody") return { headers: {} };
    if (who === "respelled") {
      const respell = (value: string): string =>
        value.replace(/^[A-Za-z]+(?= )/, (scheme) =>
          scheme === scheme.toLowerCase() ? scheme.toUpperCase() : scheme.toLowerCase(),
        );
      const headers = Object.entries(this.owner.headers).map(([name, value]) => [
        name,
        name.toLowerCase() === "authorization" ? respell(value) : value,
      ]);
      return { ...this.owner, headers: Object.fromEntries(headers) };
    }
    if (who === "stranger") {
      this.#stranger ??= this.#userFile.openAccount(this.#access(nextNonce()));
      return this.#stranger.catch((error: Error) => {
        throw new Unbound(`no other account: ${error.message}`);
      });
    }
    const issued = this.#userFile.credentials?.[who.issued];
    const value = valueAt(this.replies.get(who.step)?.body, issued?.pointer ?? "");
    if (issued === undefined || typeof value !== "string")
      throw new Unbound(`credentials of step ${who.step}`);
    return { headers: issued.headers(value) };
  }

  #resolve(symbol: Symbolic): unknown {
    if (symbol.$sym === "unique") return symbol.text.replace(NONCE, this.nonce);
    if (symbol.$sym === "account") {
      const value = this.owner.values?.[symbol.name];
      if (value === undefined) throw new Unbound(`account.${symbol.name}`);
      return value;
    }
    const reply = this.replies.get(symbol.step);
    if (symbol.$sym === "header") {
      const value = reply?.headers[symbol.name];
      if (value === undefined) throw new Unbound(`header ${symbol.name} of step ${symbol.step}`);
      return value;
    }
    if (symbol.$sym === "location") {
      const last = reply?.headers.location
        ?.replace(/[?#].*$/, "")
        .split("/")
        .at(-1);
      if (last === undefined) throw new Unbound(`Location of step ${symbol.step}`);
      return decodeURIComponent(last);
    }
    const value = valueAt(reply?.body, symbol.pointer);
    if (value === undefined) throw new Unbound(`${symbol.pointer} of step ${symbol.step}`);
    return value;
  }

  #access(nonce: string): TargetAccess {
    const { name, role, url, http } = this.endpoint;
    return {
      name,
      role,
      url,
      nonce,
      async request({ method, path, headers = {}, body }): Promise<SetUpReply> {
        const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
        const type =
          text === undefined || typeof body === "string" ? {} : { "content-type": "application/json" };
        const reply = await http.send({
          method,
          path,
          headers: { ...type, ...headers },
          ...(text !== undefined && { body: text }),
        });
        if (reply.failure !== undefined) throw new Error(`${method} ${path}: ${reply.failure}`);
        return { status: reply.status, headers: reply.headers, body: reply.body ?? reply.text };
      },
    };
  }
}

function scalar(value: unknown): string {
  if (isLosslessNumber(value)) return (value as LosslessNumber).toString();
  return typeof value === "string"
    ? value
    : value === undefined
      ? ""
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
}
