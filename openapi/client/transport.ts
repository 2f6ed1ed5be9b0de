import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { performance } from "node:perf_hooks";
import supertest from "supertest";

/** A request as it goes out, to the byte. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** As given; Node adds `host`, `connection` and `content-length`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** A reply as it came in, to the byte. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; repeated fields joined as RFC 9110, 5.3, says. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The bytes read as UTF-8. */
  readonly text: string;
}

export type Sent =
  | { readonly kind: "answered"; readonly answer: Answer; readonly ms: number }
  | { readonly kind: "unreachable"; readonly cause: unknown; readonly ms: number };

export interface Transport {
  send(request: SentRequest): Promise<Sent>;
  /** Closes idle connections. */
  close(): void;
}

type SupertestMethods = Readonly<Record<string, ((path: string) => supertest.Test) | undefined>>;

/** Sends over supertest with connections kept alive; follows no redirect, decodes nothing, retries nothing. */
export function httpTransport(baseUrl: string, timeoutMs: number): Transport {
  const agent = baseUrl.startsWith("https:")
    ? new HttpsAgent({ keepAlive: true })
    : new HttpAgent({ keepAlive: true });
  const methods = supertest("") as unknown as SupertestMethods;
  return {
    close: () => agent.destroy(),
    async send(request) {
      const start = performance.now();
      try {
        const open = methods[request.method.toLowerCase()];
        if (open === undefined) throw new TypeError(`Node cannot send the method ${request.method}`);
        const test = open(request.url)
          .agent(agent)
          .timeout({ deadline: timeoutMs })
          .ok(() => true)
          .buffer(true)
          .parse(readBytes)
          .set("Accept-Encoding", "identity")
          .set(request.headers);
        // superagent would turn a Buffer into JSON; the bytes are final here.
        const response = await (request.body === undefined ? test : test.serialize(asIs).send(request.body));
        const bytes = Buffer.isBuffer(response.body) ? response.body : Buffer.alloc(0);
        const answer = {
          status: response.status,
          headers: flatten(response.headers as Record<string, string | string[]>),
          bytes,
          text: bytes.toString("utf8"),
        };
        return { kind: "answered", answer, ms: performance.now() - start };
      } catch (cause) {
        return { kind: "unreachable", cause, ms: performance.now() - start };
      }
    },
  };
}

const asIs = (body: unknown) => body as string;

function readBytes(
  response: NodeJS.ReadableStream | supertest.Response,
  done: (error: Error | null, body: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => done(null, Buffer.concat(chunks)));
  stream.on("error", (error: Error) => done(error, undefined));
}

function flatten(headers: Record<string, string | string[]>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    flat[name] = typeof value === "string" ? value : value.join(", ");
  return flat;
}
