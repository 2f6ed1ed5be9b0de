import { MatchersV3, PactV4 } from "@pact-foundation/pact";
import { expect, test } from "vitest";
import { type Client, createClient } from "../../openapi/client/index.ts";
import type { operations } from "../../openapi/generated/index.ts";
import { bundledModel, type Operation, operationById } from "../../openapi/model/index.ts";
import type { Given } from "../states/catalogue.ts";
import { isProvided, type Provided } from "./matchers.ts";
import { pactDir, provider } from "./settings.ts";
import { leavesOf, watch } from "./watch.ts";

export type Api = Client<operations>;
type Text = string | Provided;

/** What a consumer sends. The key of the account's owner goes with it unless `key` says otherwise. */
export interface Request {
  readonly key?: "owner" | "member" | "none";
  readonly path?: Readonly<Record<string, Text>>;
  readonly query?: Readonly<Record<string, Text>>;
  readonly headers?: Readonly<Record<string, Text>>;
  readonly body?: unknown;
}

/** One HTTP interaction: what is there, what the consumer's own code does, what it relies on, what it makes of it. */
export interface Interaction<Seen> {
  readonly given?: Given;
  readonly upon: string;
  readonly operation: keyof operations;
  readonly request?: Request;
  readonly reply: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string | ReturnType<typeof MatchersV3.regex>>>;
    readonly body?: unknown;
  };
  /** Calls the consumer's own code. */
  readonly uses: (api: Api) => Promise<Seen>;
  readonly sees: NoInfer<Seen>;
}

/** One message: a delivery of a webhook. */
export interface Message<Seen> {
  readonly given: Given;
  readonly event: string;
  readonly body: unknown;
  readonly uses: (event: never) => Seen;
  readonly sees: NoInfer<Seen>;
}

/** The key that stands in the pacts; verification puts in that of the provider state. */
const EXAMPLE_KEY = "ck_example";

/** Declares what one consumer relies on. Each interaction is a test, and becomes part of the consumer's pact. */
export function consumer(name: string) {
  const model = bundledModel();
  const pact = new PactV4({ consumer: name, provider, dir: pactDir(), logLevel: "error" });
  return {
    expects<Seen>(interaction: Interaction<Seen>): void {
      const { given, upon, request = {}, reply, uses, sees } = interaction;
      test(upon, async () => {
        const operation = operationById(model, interaction.operation);
        const started = pact.addInteraction();
        if (given !== undefined) started.given(given.name, given.params);
        await started
          .uponReceiving(upon)
          .withRequest(operation.method, pathOf(operation, request), (builder) => {
            builder.query(mapValues(request.query ?? {}, matcherOf));
            builder.headers(headersOf(operation, request));
            if (request.body !== undefined) builder.jsonBody(deep(request.body));
          })
          .willRespondWith(reply.status, (builder) => {
            if (reply.headers) builder.headers(reply.headers);
            if (reply.body !== undefined) builder.headers({ "Content-Type": mediaOf(reply.status) });
            if (reply.body !== undefined) builder.jsonBody(reply.body);
          })
          .executeTest(async (mock) => {
            const read = new Set<string>();
            const api = watched(mock.url, request, read);
            expect(await uses(api)).toEqual(sees);
            const unread = pinnedBy(reply).filter((pointer) => !read.has(pointer));
            expect(unread, `${name} pins what its code never reads`).toEqual([]);
            api.close();
          });
      });
    },

    hears<Seen>({ given, event, body, uses, sees }: Message<Seen>): void {
      test(`hears of ${event}`, async () => {
        await pact
          .addAsynchronousInteraction()
          .given(given.name, given.params)
          .expectsToReceive(event, (builder) => {
            builder
              .withMetadata({
                "content-type": "application/json",
                "webhook-signature": MatchersV3.regex(
                  "^t=\\d+,v1=[0-9a-f]{64}$",
                  `t=1772272921,v1=${"0".repeat(64)}`,
                ),
                // Not sent as such: whether the signature is the HMAC of what was sent.
                signed: "with the webhook's secret",
              } as never)
              .withJSONContent(body);
          })
          .executeTest(async ({ contents }) => {
            const read = new Set<string>();
            expect(uses(watch(contents.content, read) as never)).toEqual(sees);
            const pinned = leavesOf(MatchersV3.reify(body as never));
            expect(
              pinned.filter((pointer) => !read.has(pointer)),
              `${name} pins what its code never reads`,
            ).toEqual([]);
          });
      });
    },
  };

  /** The typed client as the consumer has it; what its code reads of a reply is noted. */
  function watched(url: string, request: Request, read: Set<string>): Api {
    const api = createClient<operations>({
      baseUrl: url,
      model,
      trusting: true,
      apiKey: request.key === "none" ? undefined : EXAMPLE_KEY,
    });
    return new Proxy(api, {
      get(target, operation, receiver) {
        const call: unknown = Reflect.get(target, operation, receiver);
        const asks = operation === "send" || model.byId.has(String(operation));
        if (typeof call !== "function" || !asks) return call;
        return async (...args: readonly unknown[]) => {
          const reply = (await call(...args)) as { body?: unknown; headers?: Record<string, string> };
          return {
            ...reply,
            body: watch(reply.body, read),
            headers: watch(reply.headers ?? {}, read, "header "),
          };
        };
      },
    });
  }
}

/** Every leaf of the body, and every header, that a reply pins. */
function pinnedBy({ headers = {}, body }: Interaction<unknown>["reply"]): readonly string[] {
  const names = Object.keys(headers).map((name) => `header /${name.toLowerCase()}`);
  return body === undefined ? names : [...names, ...leavesOf(MatchersV3.reify(body as never))];
}

function pathOf(operation: Operation, { path = {} }: Request) {
  const filled = (use: (value: Text) => string): string =>
    operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => use(path[name] ?? ""));
  const example = filled((value) => (isProvided(value) ? String(value.example) : value));
  if (!Object.values(path).some(isProvided)) return example;
  const expression = filled((value) => (isProvided(value) ? `\${${value.provided}}` : value));
  return MatchersV3.fromProviderState(expression, example);
}

function headersOf(operation: Operation, { key = "owner", headers = {}, body }: Request) {
  const media = operation.requestBody?.media[0]?.type ?? "application/json";
  return {
    ...(key === "none" || operation.security.length === 0
      ? {}
      : {
          Authorization: MatchersV3.fromProviderState(
            `Bearer \${${key === "owner" ? "apiKey" : "memberKey"}}`,
            `Bearer ${EXAMPLE_KEY}`,
          ),
        }),
    ...(body === undefined ? {} : { "Content-Type": media }),
    ...mapValues(headers, matcherOf),
  };
}

const mediaOf = (status: number): string => (status < 400 ? "application/json" : "application/problem+json");

function matcherOf(value: Text) {
  return isProvided(value)
    ? MatchersV3.fromProviderState(`\${${value.provided}}`, String(value.example))
    : value;
}

/** The same value with what the provider state returns in its places. */
function deep(value: unknown): unknown {
  if (isProvided(value)) return MatchersV3.fromProviderState(`\${${value.provided}}`, value.example);
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value === "object" && value !== null) return mapValues(value as Record<string, unknown>, deep);
  return value;
}

function mapValues<V, R>(map: Readonly<Record<string, V>>, change: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}
