import type { LoadRequest, RunWriter } from "../../gates/evidence/index.ts";
import { MOST_RECORDS } from "../plan.ts";
import type { Exchange } from "./exchange.ts";
import { round } from "./health.ts";
import { Histograms } from "./histograms.ts";
import type { Events } from "./hooks.ts";

/** What is known of a request beside what came of it. */
export interface Seen {
  readonly endpoint: string;
  readonly phase: string;
  readonly user: number;
  readonly dueMs: number;
  readonly outcome: LoadRequest["outcome"];
}

/** Writes down each request of one target, and counts them for Artillery, which gets the sums now and then. */
export class Recorder {
  readonly #target: string;
  readonly #worker: number;
  readonly #writer: RequestWriter;
  readonly #events: Events;
  #replies = new Map<LoadRequest["reply"], number>();
  #outcomes = new Map<LoadRequest["outcome"], number>();
  recorded = 0;
  errors = 0;

  constructor(target: string, worker: number, events: Events, writer: RequestWriter) {
    this.#target = target;
    this.#worker = worker;
    this.#writer = writer;
    this.#events = events;
  }

  add(seen: Seen, got: Exchange): void {
    const { firstByteMs, headers } = got;
    const requestId = headerOf(headers, "apigw-requestid") ?? headerOf(headers, "x-amzn-requestid");
    const init = headerOf(headers, "x-cutover-init");
    // Assigned one by one: thousands a second pass here, and a spread for each that may be missing costs.
    const request: { -readonly [Key in keyof LoadRequest]: LoadRequest[Key] } = {
      seq: this.recorded,
      worker: this.#worker,
      user: seen.user,
      target: this.#target,
      endpoint: seen.endpoint,
      phase: seen.phase,
      dueMs: round(seen.dueMs),
      sentMs: round(got.sentMs),
      doneMs: round(got.doneMs),
      reply: got.reply,
      outcome: seen.outcome,
      bytes: got.body.byteLength,
      reused: got.reused,
    };
    if (firstByteMs !== undefined) request.firstByteMs = round(firstByteMs);
    if (requestId !== undefined) request.requestId = requestId;
    if (init !== undefined) request.cold = init === "cold";
    this.#writer.add(request);
    this.recorded += 1;
    if (seen.outcome !== "ok") this.errors += 1;
    count(this.#replies, got.reply);
    count(this.#outcomes, seen.outcome);
  }

  /** Writes down and tells Artillery what was counted since the last time. */
  report(): void {
    this.#writer.report?.();
    const tell = (name: string, n: number): void => {
      if (n > 0) this.#events.emit("counter", name, n);
    };
    const [replies, outcomes] = [[...this.#replies], [...this.#outcomes]];
    this.#replies = new Map();
    this.#outcomes = new Map();
    const answered = replies.filter(([reply]) => typeof reply === "number");
    tell("http.requests", sum(replies));
    tell("http.responses", sum(answered));
    for (const [status, n] of answered) tell(`http.codes.${status}`, n);
    for (const [outcome, n] of outcomes) if (outcome !== "ok") tell(`errors.${outcome}`, n);
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(counts: readonly (readonly [unknown, number])[]): number {
  return counts.reduce((all, [, n]) => all + n, 0);
}

/** From so many requests on, those of which there is nothing special to tell are written compactly. */
export const COMPACT_FROM = 100_000;
const SLOW_MS = 1000;

/** Where the requests of one target go. */
export interface RequestWriter {
  add(request: LoadRequest): void;
  /** Called about every second. */
  report?(): void;
}

/**
 * Lines of JSON; in a large load compact records, except for requests that somebody will want to look into, of which
 * everything is kept; in one that is too large to keep each request, histograms.
 */
export function writerFor(
  evidence: Pick<RunWriter, "append" | "compact">,
  requests: number,
  header: Parameters<RunWriter["compact"]>[0],
  most: number = MOST_RECORDS,
): RequestWriter {
  const write = (request: LoadRequest): void => evidence.append("requests", request);
  if (requests < COMPACT_FROM) return { add: write };
  if (requests > most) return new Histograms(evidence);
  const compact = evidence.compact(header);
  return {
    add(request) {
      const special =
        request.outcome !== "ok" || request.cold === true || request.doneMs - request.dueMs > SLOW_MS;
      if (special) write(request);
      else compact.append(request);
    },
  };
}

function headerOf(headers: Exchange["headers"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
