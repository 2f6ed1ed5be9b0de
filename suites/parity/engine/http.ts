import { isInteger, isNumber, isSafeNumber, LosslessNumber, parse } from "lossless-json";
import { Pool } from "undici";

/** A request as it goes out. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came of a request. */
export interface Reply {
  readonly request: Request;
  /** 0 when there is no answer. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** JSON read without loss; `undefined` for anything else. */
  readonly body: unknown;
  /** Wall clock, milliseconds. */
  readonly sentAt: number;
  readonly doneAt: number;
  /** Why there is no answer. */
  readonly failure?: string;
}

export interface Http {
  /** @param raced goes out at once, beside others to the same resource */
  send(request: Request, raced?: boolean): Promise<Reply>;
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly atOnce: number;
  /** Of these one that reads and one that writes for each resource (the first segment of the path), but for races. */
  readonly onePerResource?: boolean;
  readonly timeoutMs: number;
  /** Requests a second, at most. */
  readonly pace?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A longer answer is given up: it could fill the memory. */
const MOST_BYTES = 8 * 1024 * 1024;
/** So often a throttled request is tried again. */
const PATIENCE = 6;

/** Keeps connections alive, honours a pace and 429 with `Retry-After`, and never throws. */
export function httpTo(options: HttpOptions): Http {
  const base = new URL(options.url);
  const prefix = base.pathname.replace(/\/$/, "");
  const pool = new Pool(base.origin, {
    connections: options.atOnce,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connectTimeout: 5_000,
  });
  const turn = pacer(options.pace);
  const once = async (request: Request): Promise<Reply> => {
    await turn();
    const sentAt = Date.now();
    try {
      const { statusCode, headers, body } = await pool.request({
        method: request.method as "GET",
        path: `${prefix}${request.path}`,
        headers: { ...options.headers, ...request.headers },
        body: request.body ?? null,
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      let text = "";
      let size = 0;
      const decoder = new TextDecoder();
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES / 2 ** 20} MiB`);
        text += decoder.decode(chunk, { stream: true });
      }
      text += decoder.decode();
      const flat: Record<string, string> = {};
      for (const [name, value] of Object.entries(headers))
        if (value !== undefined)
          flat[name] = typeof value === "string" ? value : value.join(name === "set-cookie" ? "\n" : ", ");
      const json = /[/+]json/.test(flat["content-type"] ?? "") || /^\s*[[{]/.test(text);
      return {
        request,
        status: statusCode,
        headers: flat,
        text,
        body: json ? readJson(text) : undefined,
        sentAt,
        doneAt: Date.now(),
      };
    } catch (error) {
      const failure = explain(error);
      return {
        request,
        status: 0,
        headers: {},
        text: "",
        body: undefined,
        sentAt,
        doneAt: Date.now(),
        failure,
      };
    }
  };
  const patiently = async (request: Request): Promise<Reply> => {
    for (let tries = 1; ; tries++) {
      const reply = await once(request);
      if (reply.status !== 429 || tries > PATIENCE || options.signal?.aborted) return reply;
      const asked = Number(reply.headers["retry-after"]);
      const ms = Number.isFinite(asked) && asked >= 0 ? Math.min(asked, 30) * 1000 : 100 * 2 ** tries;
      await new Promise((resolve) => setTimeout(resolve, Math.max(20, ms)));
    }
  };
  const lanes = new Lanes();
  return {
    async send(request, raced = false) {
      const leave = raced || !options.onePerResource ? undefined : await lanes.enter(laneOf(request));
      try {
        return await patiently(request);
      } finally {
        leave?.();
      }
    },
    close: () => pool.destroy(),
  };
}

const laneOf = ({ method, path }: Request): string =>
  `${method === "GET" || method === "HEAD" ? "reads" : "writes"} ${/^\/([^/?]*)/.exec(path)?.[1] ?? ""}`;

/** Lets one in each lane at a time, in the order they came. */
class Lanes {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves, when it is its turn, to what ends the turn. */
  async enter(lane: string): Promise<() => void> {
    const before = this.#last.get(lane);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(lane, promise);
    await before;
    return resolve;
  }
}

function explain(error: unknown): string {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  if (name === "TimeoutError" || code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT")
    return "no answer in time";
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "connection broken";
  return message ?? String(error);
}

function pacer(pace: number | undefined): () => Promise<void> {
  if (pace === undefined) return () => Promise.resolve();
  let next = 0;
  return () => {
    const now = performance.now();
    next = Math.max(next + 1000 / pace, now);
    const wait = next - now;
    return wait < 1 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, wait));
  };
}

/** `undefined` for what is no JSON. Numbers that a double would change stay exact. */
export function readJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    // JSON.parse is ten times as fast, and harmless where no number is long.
    if (!/\d{16}|\d[.eE]/.test(text)) return JSON.parse(text);
    return parse(text, null, (digits) =>
      (isInteger(digits) || isNumber(digits)) && isSafeNumber(digits) && !/[eE]/.test(digits)
        ? Number(digits)
        : new LosslessNumber(digits),
    );
  } catch {
    return undefined;
  }
}
