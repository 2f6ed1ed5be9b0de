import { holds } from "../scenario/condition.ts";
import { fill, type Variables } from "../scenario/template.ts";
import type { LoopStep, Match, PollStep, RequestStep, Scenario, Step } from "../scenario/types.ts";
import { askOf, Cookies, type Draft, draftOf, stepOf } from "./ask.ts";
import type { Ask, Exchange } from "./exchange.ts";
import { type Context, callHook, type Events, type Functions, type HookFunction } from "./hooks.ts";
import type { Judgement } from "./judge-reply.ts";
import { waitUntil } from "./wait.ts";

/** What a user needs of the load around it. */
export interface Surroundings {
  readonly clock: () => number;
  /** Aborted when the load has ended. */
  readonly over: AbortSignal;
  /** The target's URL without a slash at its end; its host is what cookies belong to. */
  readonly target: string;
  readonly functions: Functions;
  readonly events: Events;
  /** Sends once; undefined when the load has ended and nothing may be sent any more. */
  send(ask: Ask, dueMs: number): Promise<Exchange> | undefined;
  judge(step: RequestStep, variables: Variables, got: Exchange, pending?: Match): Judgement;
  record(step: RequestStep, user: number, dueMs: number, got: Exchange, judgement: Judgement): void;
}

/**
 * One user walks through a flow. The first request is due at the arrival, each later one when its predecessor has
 * ended, plus think time; those that run in parallel are due together. A user goes home at the first error: what
 * would follow is not a request.
 */
export class User {
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #number: number;
  readonly context: Context;
  readonly #cookies: Cookies;

  constructor(scenario: Scenario, number: number, context: Context, around: Surroundings) {
    this.#scenario = scenario;
    this.#around = around;
    this.#number = number;
    this.context = context;
    this.#cookies = new Cookies(new URL(around.target).origin);
  }

  /** Resolves to when the last step ended, or undefined when the user had to go home before. */
  async walk(flow: readonly Step[], arrivalMs: number): Promise<number | undefined> {
    let dueMs: number | undefined = arrivalMs;
    for (const step of flow) {
      dueMs = await this.#take(step, dueMs);
      if (dueMs === undefined) return undefined;
    }
    return dueMs;
  }

  #take(step: Step, dueMs: number): Promise<number | undefined> {
    switch (step.kind) {
      case "request":
        return this.#ask(step, dueMs).then((asked) => asked?.dueMs);
      case "think":
        return this.#think(step.thinkMs, dueMs);
      case "poll":
        return this.#poll(step, dueMs);
      case "loop":
        return this.#loop(step, dueMs);
      case "parallel":
        return this.#parallel(step.flow, step.limit, dueMs);
      case "function":
        return this.#call(step.name, this.context, this.#around.events).then(() => this.#now(dueMs));
    }
  }

  async #ask(
    given: RequestStep,
    dueMs: number,
    pending?: Match,
  ): Promise<{ readonly dueMs: number; readonly pending: boolean } | undefined> {
    const { vars } = this.context;
    if (given.ifTrue !== undefined && !(await this.#holds(given.ifTrue))) return { dueMs, pending: false };
    const before = [...this.#scenario.hooks.beforeRequest, ...given.beforeRequest];
    const after = [...this.#scenario.hooks.afterResponse, ...given.afterResponse];
    let step = given;
    const draft = before.length + after.length > 0 ? draftOf(given, this.#around.target) : undefined;
    if (draft !== undefined && before.length > 0) {
      for (const name of before) await this.#call(name, draft, this.context, this.#around.events);
      step = stepOf(given, draft, this.#around.target);
    }
    const ask = this.#withCookies(step, askOf(step, this.#scenario.headers, vars));
    const got = await this.#around.send(ask, dueMs);
    if (got === undefined) return undefined;
    if (draft !== undefined) draft.url = this.#around.target + ask.path;
    this.#cookies.take(got.headers["set-cookie"], ask.path);
    let judgement = this.#around.judge(step, vars, got, pending);
    Object.assign(vars, judgement.captured);
    if (draft !== undefined && typeof got.reply === "number") {
      const why = await this.#objection(after, draft, got);
      if (why !== undefined && judgement.outcome === "ok")
        judgement = { ...judgement, outcome: "wrong-body", why };
    } else if (typeof got.reply !== "number") {
      const failure = Object.assign(new Error(got.code), { code: got.code });
      for (const name of this.#scenario.hooks.onError ?? [])
        await this.#call(name, failure, draft ?? step.raw, this.context, this.#around.events);
    }
    this.#around.record(step, this.#number, dueMs, got, judgement);
    if (judgement.outcome !== "ok") return undefined;
    return { dueMs: got.doneMs, pending: judgement.pending };
  }

  /** The error with which one of the functions that look at a reply ends: that is how they say it is wrong. */
  async #objection(names: readonly string[], draft: Draft, got: Exchange): Promise<unknown> {
    try {
      for (const name of names)
        await this.#call(name, draft, replyFor(got), this.context, this.#around.events);
      return undefined;
    } catch (error) {
      return error ?? new Error("a function rejected the reply");
    }
  }

  #withCookies(step: RequestStep, ask: Ask): Ask {
    if (step.cookies) {
      const filled = fill(step.cookies, this.context.vars) as Readonly<Record<string, unknown>>;
      this.#cookies.set(filled, ask.path);
    }
    const cookie = this.#cookies.headerFor(ask.path);
    return cookie === undefined ? ask : { ...ask, headers: { ...ask.headers, cookie } };
  }

  async #think(ms: number, dueMs: number): Promise<number> {
    await waitUntil(dueMs + ms, this.#around.clock, this.#around.over);
    return dueMs + ms;
  }

  async #poll(step: PollStep, given: number): Promise<number | undefined> {
    let dueMs = given;
    for (let left = step.times; left > 0; left--) {
      dueMs = await this.#think(step.thinkMs, dueMs);
      // The last answer must be the one waited for.
      const asked = await this.#ask(step.request, dueMs, left > 1 ? step.pending : undefined);
      if (asked === undefined) return undefined;
      dueMs = asked.dueMs;
      if (!asked.pending) break;
    }
    return dueMs;
  }

  async #loop(step: LoopStep, given: number): Promise<number | undefined> {
    const { vars } = this.context;
    const over = typeof step.over === "string" ? vars[step.over] : step.over;
    // As Artillery has it: a variable that holds no list means no round.
    if (step.over !== undefined && !Array.isArray(over)) return given;
    const elements = over as readonly unknown[] | undefined;
    const to = elements?.length ?? (step.whileTrue === undefined ? step.to : Number.POSITIVE_INFINITY);
    let dueMs: number | undefined = given;
    for (let round = step.from; round < to; round++) {
      vars[step.countAs] = round;
      vars[step.elementAs] = elements === undefined ? round : elements[round];
      dueMs = await this.walk(step.flow, dueMs);
      if (dueMs === undefined || this.#around.over.aborted) return undefined;
      if (step.whileTrue !== undefined && !(await this.#call(step.whileTrue, this.context))) break;
    }
    return dueMs;
  }

  async #parallel(flow: readonly Step[], limit: number, dueMs: number): Promise<number | undefined> {
    const waiting = flow.entries();
    const ends: (number | undefined)[] = [];
    const lane = async (): Promise<void> => {
      let laneMs: number | undefined = dueMs;
      for (const [index, step] of waiting) {
        laneMs = await this.#take(step, laneMs);
        ends[index] = laneMs;
        if (laneMs === undefined) return;
      }
    };
    await Promise.all(Array.from({ length: Math.min(limit, flow.length) }, lane));
    const last = Math.max(...flow.map((_, index) => ends[index] ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(last) ? last : undefined;
  }

  async #holds(condition: string): Promise<boolean> {
    const hook = this.#around.functions[condition];
    return hook === undefined ? holds(condition, this.context.vars) : Boolean(hook(this.context.vars));
  }

  async #call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    return callHook(this.#around.functions[name] as HookFunction, ...args);
  }

  /** What follows a function's work is due when that has ended. */
  #now(dueMs: number): number {
    return Math.max(dueMs, this.#around.clock());
  }
}

/** A reply as Artillery shows it to functions. */
function replyFor({ reply, headers, body, sentMs, firstByteMs = sentMs, doneMs }: Exchange): unknown {
  return {
    statusCode: reply,
    headers,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"),
    timings: { phases: { firstByte: firstByteMs - sentMs, total: doneMs - sentMs } },
  };
}
