import { duration, type Json, object, onlyKeys } from "../scenario/refuse.ts";
import type { Scenario } from "../scenario/types.ts";
import { Connections } from "./connections.ts";
import { type Exchange, exchange } from "./exchange.ts";
import type { Context, Events, Functions } from "./hooks.ts";
import { judgeReply } from "./judge-reply.ts";
import { User } from "./user.ts";

/** As long as Artillery waits for a reply, unless its script says otherwise. */
const TIMEOUT_MS = 10_000;
const FLUSH_MS = 250;

/**
 * The engine as Artillery knows engines: it starts the virtual users, and gets its own metrics from each request.
 * A user's clock begins when Artillery starts it, since Artillery tells nobody when that was due.
 */
export class VirtualUsers {
  readonly #target: string;
  readonly #timeoutMs: number;
  readonly #functions: Functions;
  readonly #connections: Connections;

  constructor(config: Json & { readonly processor?: Functions }) {
    const http = object(config.http ?? {}, "config/http");
    // Artillery itself adds cookieJarOptions.
    onlyKeys(http, ["defaults", "timeout", "cookieJarOptions"], "config/http");
    onlyKeys(
      object(http.cookieJarOptions ?? {}, "config/http/cookieJarOptions"),
      [],
      "config/http/cookieJarOptions",
    );
    this.#target = String(config.target).replace(/\/$/, "");
    const timeout = config.timeout ?? http.timeout;
    this.#timeoutMs = timeout === undefined ? TIMEOUT_MS : duration(timeout, "config/http/timeout");
    this.#functions = config.processor ?? {};
    this.#connections = new Connections(new URL(this.#target).origin, this.#timeoutMs);
  }

  /** What runs one virtual user through `scenario`. */
  of(
    scenario: Scenario,
    events: Events,
  ): (context: Context, done: (error: unknown, context: unknown) => void) => void {
    const counters = new Counters(events);
    return (context, done) => {
      events.emit("started");
      this.#walk(scenario, context, counters).then(
        (error) => {
          counters.flush();
          if (error !== undefined) events.emit("error", nameOf(error));
          done(error, context);
        },
        (error: unknown) => {
          counters.flush();
          events.emit("error", nameOf(error));
          done(error, context);
        },
      );
    };
  }

  /** Resolves to the error that ended the walk, if one did. */
  async #walk(scenario: Scenario, context: Context, counters: Counters): Promise<unknown> {
    const prefix = new URL(this.#target).pathname.replace(/\/$/, "");
    const clock = (): number => performance.now();
    let error: unknown;
    const user = new User(scenario, 0, context, {
      clock,
      over: new AbortController().signal,
      target: this.#target,
      functions: this.#functions,
      events: counters.events,
      send: (ask) =>
        new Promise<Exchange>((resolve) => {
          counters.sent();
          exchange(this.#connections, { ...ask, path: prefix + ask.path }, this.#timeoutMs, clock, resolve);
        }),
      judge: (step, vars, got, pending) => judgeReply(undefined, step, vars, got, pending, true),
      record(_, __, dueMs, got, { outcome, why }) {
        counters.got(got, dueMs);
        if (outcome === "ok") return;
        error =
          why ?? (typeof got.reply === "number" ? new Error("Failed capture or match") : codeError(got));
      },
    });
    const end = await user.walk(scenario.flow, clock());
    return end === undefined ? (error ?? new Error("the user went home")) : undefined;
  }
}

const nameOf = (error: unknown): string => {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return code ?? message ?? String(error);
};

const codeError = ({ code, reply }: Exchange): Error =>
  Object.assign(new Error(code ?? String(reply)), { code: code ?? String(reply) });

/** The metrics that Artillery's `http` engine gives, with counters summed before they are told. */
class Counters {
  readonly events: Events;
  #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(events: Events) {
    this.events = events;
  }

  sent(): void {
    this.#add("http.requests", 1);
    this.events.emit("rate", "http.request_rate");
  }

  got({ reply, sentMs, firstByteMs, doneMs, body }: Exchange, dueMs: number): void {
    if (typeof reply !== "number") return;
    this.#add(`http.codes.${reply}`, 1);
    this.#add("http.responses", 1);
    this.#add("http.downloaded_bytes", body.byteLength);
    const firstByte = (firstByteMs ?? doneMs) - sentMs;
    this.events.emit("histogram", "http.response_time", firstByte);
    this.events.emit("histogram", `http.response_time.${Math.floor(reply / 100)}xx`, firstByte);
    // What Artillery has no name for: to the last byte, and the same from when the request was due.
    this.events.emit("histogram", "cutover.service_time", doneMs - sentMs);
    this.events.emit("histogram", "cutover.latency", doneMs - dueMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [name, count] of this.#counts) this.events.emit("counter", name, count);
    this.#counts = new Map();
  }

  #add(name: string, count: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }
}
