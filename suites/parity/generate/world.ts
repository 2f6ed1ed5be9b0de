import { type Operation, operationById } from "../../../openapi/model/index.ts";
import { escapeToken, valueAt } from "../../../openapi/model/pointer.ts";
import { isRecord } from "../../../openapi/mutate/pin.ts";
import type { Environment } from "../engine/environment.ts";
import type { Reply } from "../engine/http.ts";
import type { Step } from "../engine/step.ts";
import type { Kind } from "../model/ids.ts";
import { isSymbolic, NONCE, type Symbolic, type Template } from "./template.ts";

/** A thing that a target has issued in this sequence. */
export interface Thing {
  readonly kind: Kind;
  readonly ref: Symbolic;
  /** The baseline's own id: what it is recognised by. Never sent as such. */
  readonly raw: string;
  /** The path parameters under which it was made. */
  readonly parents: Readonly<Record<string, Template>>;
  /** Where its latest ETag stands. */
  etag: Symbolic | undefined;
  gone: boolean;
  /** The latest representation seen, and the step that gave it. */
  seen: { readonly step: number; readonly pointer: string; readonly value: unknown } | undefined;
}

/** A value met under some name, and how to send it again. */
export interface Met {
  readonly template: Template;
  readonly value: unknown;
}

/** What a sequence has come to know of the baseline; requests are made of it. */
export class World {
  readonly env: Environment;
  readonly things: Thing[] = [];
  /** Scalars by member or parameter name, in lower case without separators. */
  readonly met = new Map<string, Met[]>();
  /** Steps that handed out credentials. */
  readonly issued: { readonly step: number; readonly issued: number }[] = [];
  /** Instants of the server's clock that were sent already: two things of one instant stand in any order. */
  readonly spent = new Set<unknown>();
  readonly #steps: Step[] = [];
  readonly #replies = new Map<number, Reply>();
  readonly #values: Readonly<Record<string, string | number>>;
  #next = 1;

  constructor(env: Environment, values: Readonly<Record<string, string | number>> = {}) {
    this.env = env;
    this.#values = values;
    for (const [name, value] of Object.entries(values)) {
      const ref: Symbolic = { $sym: "account", name };
      for (const ids of env.ids.values()) {
        const kind = ids.path.get(name) ?? ids.query.get(name);
        if (kind !== undefined) this.#add(kind, ref, String(value), {});
      }
      this.#meet(name, ref, value);
    }
  }

  nextId(): number {
    return this.#next++;
  }

  /** Every step that was sent, in order. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** What a symbol stands for on the baseline, to see whether a request fits its schema. */
  valueOf(symbol: Symbolic): unknown {
    if (symbol.$sym === "unique") return symbol.text.replace(NONCE, "1234567");
    if (symbol.$sym === "account") return this.#values[symbol.name];
    const reply = this.#replies.get(symbol.step);
    if (symbol.$sym === "header") return reply?.headers[symbol.name];
    if (symbol.$sym === "location")
      return reply?.headers.location
        ?.replace(/[?#].*$/, "")
        .split("/")
        .at(-1);
    return valueAt(reply?.body, symbol.pointer);
  }

  of(kind: Kind): readonly Thing[] {
    return this.things.filter((thing) => thing.kind === kind && !thing.gone);
  }

  /** Learns from what the baseline answered. @param same whether its second account got the very same value there */
  learn(step: Step, reply: Reply, again: Reply | undefined): void {
    this.#steps.push(step);
    this.#replies.set(step.id, reply);
    const operation = operationById(this.env.model, step.operation);
    if (step.who !== "owner") return;
    this.#meetRequest(step);
    if (reply.status < 200 || reply.status > 299) return;
    const ids = this.env.ids.get(operation.id);
    for (const [pattern, kind] of ids?.gives ?? [])
      for (const [pointer, value] of expand(reply.body, pattern)) {
        if (typeof value !== "string" && typeof value !== "number") continue;
        this.#add(kind, { $sym: "reply", step: step.id, pointer }, String(value), step.path);
      }
    if (ids?.creates !== undefined && reply.headers.location !== undefined) {
      const last = decodeURIComponent(
        reply.headers.location
          .replace(/[?#].*$/, "")
          .split("/")
          .at(-1) ?? "",
      );
      this.#add(ids.creates, { $sym: "location", step: step.id }, last, step.path);
    }
    this.#represent(step, operation, reply);
    this.#meetReply(step, reply, again);
    for (const [issued, { operation: from, pointer }] of (this.env.userFile.credentials ?? []).entries())
      if (from === operation.id && typeof valueAt(reply.body, pointer) === "string")
        this.issued.push({ step: step.id, issued });
    if (operation.method === "DELETE" && ids?.item !== undefined) {
      const thing = this.#named(ids.item, step, operation);
      if (thing !== undefined) thing.gone = true;
    }
  }

  /** The thing that a step's path names last. */
  #named(kind: Kind, step: Step, operation: Operation): Thing | undefined {
    const name = [...operation.path.matchAll(/\{([^}]+)\}/g)].at(-1)?.[1];
    const ref = JSON.stringify(name === undefined ? undefined : step.path[name]);
    return this.things.find((thing) => thing.kind === kind && JSON.stringify(thing.ref) === ref);
  }

  #add(kind: Kind, ref: Symbolic, raw: string, parents: Readonly<Record<string, Template>>): void {
    if (this.things.some((thing) => thing.kind === kind && thing.raw === raw)) return;
    this.things.push({ kind, ref, raw, parents, etag: undefined, gone: false, seen: undefined });
  }

  /** Keeps the latest representation and ETag of the thing that a reply is about. */
  #represent(step: Step, operation: Operation, reply: Reply): void {
    const ids = this.env.ids.get(operation.id);
    const etag: Symbolic | undefined =
      reply.headers.etag === undefined ? undefined : { $sym: "header", step: step.id, name: "etag" };
    const own = ids?.creates ?? ids?.subject;
    for (const [pattern, kind] of ids?.gives ?? [])
      for (const [pointer, value] of expand(reply.body, pattern)) {
        const thing = this.things.find((each) => each.kind === kind && each.raw === String(value));
        if (thing === undefined || !/\/(id|uuid|guid)$/.test(pointer)) continue;
        const around = pointer.slice(0, pointer.lastIndexOf("/"));
        thing.seen = { step: step.id, pointer: around, value: valueAt(reply.body, around) };
        if (kind === own && etag !== undefined && !pattern.includes("*")) thing.etag = etag;
      }
    const subject = ids?.subject === undefined ? undefined : this.#named(ids.subject, step, operation);
    if (subject !== undefined && etag !== undefined && ids?.creates === undefined) subject.etag = etag;
    if (subject !== undefined && ids?.item !== undefined && isRecord(reply.body))
      subject.seen ??= { step: step.id, pointer: "", value: reply.body };
  }

  #meetRequest(step: Step): void {
    const visit = (template: Template, name: string): void => {
      if (template === null || typeof template !== "object") this.#meet(name, template, template);
      else if (isSymbolic(template)) return;
      else if (Array.isArray(template)) for (const item of template as readonly Template[]) visit(item, name);
      else for (const [key, member] of Object.entries(template)) visit(member as Template, key);
    };
    if (step.body !== undefined) visit(step.body, "");
  }

  #meetReply(step: Step, reply: Reply, again: Reply | undefined): void {
    const visit = (value: unknown, pointer: string, name: string, depth: number): void => {
      if (depth > 6) return;
      if (Array.isArray(value)) {
        for (const [index, item] of value.slice(0, 4).entries())
          visit(item, `${pointer}/${index}`, name, depth + 1);
        return;
      }
      if (isRecord(value)) {
        for (const [key, member] of Object.entries(value))
          visit(member, `${pointer}/${escapeToken(key)}`, key, depth + 1);
        return;
      }
      if (value === null || typeof value === "boolean") return;
      const literal = again === undefined || valueAt(again.body, pointer) === value;
      this.#meet(
        name,
        literal && typeof value !== "object"
          ? (value as Template)
          : { $sym: "reply", step: step.id, pointer },
        value,
      );
    };
    visit(reply.body, "", "", 0);
  }

  #meet(name: string, template: Template, value: unknown): void {
    if (name === "") return;
    const key = plainName(name);
    const list = this.met.get(key) ?? [];
    if (list.some((each) => each.value === value)) return;
    list.push({ template, value });
    if (list.length > 24) list.shift();
    this.met.set(key, list);
  }
}

export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The places of a body that a pointer with `*` for items names. */
export function expand(
  body: unknown,
  pattern: string,
): readonly (readonly [pointer: string, value: unknown])[] {
  const parts = pattern.split("/").slice(1);
  let at: (readonly [string, unknown])[] = [["", body]];
  for (const part of parts)
    at = at.flatMap(([pointer, value]): (readonly [string, unknown])[] => {
      if (part === "*")
        return Array.isArray(value) ? value.map((item, index) => [`${pointer}/${index}`, item] as const) : [];
      const next = valueAt(value, `/${part}`);
      return next === undefined ? [] : [[`${pointer}/${part}`, next] as const];
    });
  return at;
}
