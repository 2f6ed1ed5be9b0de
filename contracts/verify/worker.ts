// A process of its own: Pact's native library writes to standard output, and keeps its settings for
// the whole process. Told its jobs by one message, it answers with one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Verifier } from "@pact-foundation/pact";
import { bundledModel, loadSpecs } from "../../openapi/model/index.ts";
import type { Expectation } from "../pacts/types.ts";
import { startReceiver } from "../states/receiver.ts";
import type { Job, NativeMismatch, Verified } from "./job.ts";
import { type Prepared, prepareAll } from "./prepare.ts";

/** The parameter that tells a state handler which expectation it is called for. */
const INDEX = "cutover-expectation";

interface NativeResult {
  readonly consumer: string;
  readonly description: string;
  readonly result: string;
  readonly duration?: string;
  readonly mismatch?: {
    readonly type: string;
    readonly mismatches?: readonly NativeMismatch[];
    readonly message?: string;
  };
}

process.once("message", (jobs: readonly Job[]) => {
  void workAll(jobs).then(
    (results) => answer({ results }),
    (error: unknown) =>
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// Whoever asked is gone, or does not want to know any more.
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(143));
const folders = new Set<string>();
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function answer(message: object): void {
  process.send?.(message, () => process.disconnect());
}

async function workAll(jobs: readonly Job[]): Promise<readonly (readonly Verified[])[]> {
  const results: (readonly Verified[])[] = [];
  for (const job of jobs) results.push(await work(job));
  return results;
}

async function work(job: Job): Promise<readonly Verified[]> {
  const model = job.specs.length === 0 ? bundledModel() : loadSpecs(job.specs);
  const receiver = await startReceiver(job.target.webhookReceiver);
  const folder = mkdtempSync(join(tmpdir(), "cutover-pact-"));
  folders.add(folder);
  try {
    const prepared = await prepareAll(job.expectations, job.target, model, receiver);
    // Without its state a reply says nothing, whatever it is.
    const failed = prepared.flatMap(({ failure }, index) =>
      failure === undefined ? [] : [unset(index, failure)],
    );
    const asked = job.expectations.length - failed.length;
    return asked === 0 ? failed : [...failed, ...(await verify(job, prepared, folder, asked))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await receiver.close();
  }
}

async function verify(
  job: Job,
  prepared: readonly Prepared[],
  folder: string,
  asked: number,
): Promise<readonly Verified[]> {
  /** The expectations in the order in which Pact comes to them, with the request that went out for each. */
  const order: { readonly index: number; request?: NonNullable<Verified["request"]> }[] = [];
  const verifier = new Verifier({
    provider: job.provider,
    providerBaseUrl: job.target.url,
    pactUrls: writeCopies(job, prepared, folder),
    logLevel: "error",
    timeout: job.timeoutMs,
    // Any state: what is there and what is missing was decided before, and is told by `prepared`.
    stateHandlers: anyState((params) => {
      const { [INDEX]: index, place } = params as { readonly [INDEX]: number; readonly place: number };
      if (place === 0) order.push({ index });
      return Promise.resolve({ ...prepared[index]?.values[place] });
    }),
    messageProviders: anyMessage(() => {
      const delivery = prepared[order.at(-1)?.index ?? -1]?.world.delivery;
      if (delivery === undefined) throw new Error("nothing was delivered");
      return Promise.resolve({
        __pactMessageMetadata: {
          "content-type": delivery.headers["content-type"]?.split(";")[0],
          "webhook-signature": delivery.headers["webhook-signature"],
          signed: delivery.signed ? "with the webhook's secret" : "with something else",
        },
        message: parsed(delivery.text),
      });
    }),
    requestFilter: (request: FilteredRequest, _response: unknown, next: () => void) => {
      Object.assign(request.headers, job.target.headers);
      const last = order.at(-1);
      const internal = request.path === "/_pactSetup" || request.path === "/_messages";
      if (!internal && last !== undefined) last.request = requestOf(job, request);
      next();
    },
  });
  const outcome = JSON.parse(await resultOf(verifier)) as {
    readonly interactionResults?: readonly NativeResult[];
  };
  const results = outcome.interactionResults ?? [];
  if (results.length !== order.length || results.length !== asked)
    throw new Error(
      `Pact told of ${results.length} interactions and asked for the states of ${order.length}; there are ${asked}`,
    );
  return results.map((result, at) => verifiedOf(result, order[at] ?? { index: -1 }, job));
}

/** Pact fails by an error whose message is the result. */
async function resultOf(verifier: Verifier): Promise<string> {
  try {
    return await verifier.verifyProvider();
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith("{")) return message;
    throw error;
  }
}

function unset(index: number, obstacle: string): Verified {
  return { index, ok: false, durationMs: 0, mismatches: [], obstacle };
}

function verifiedOf(
  result: NativeResult,
  { index, request }: { readonly index: number; readonly request?: Verified["request"] },
  job: Job,
): Verified {
  const expectation = job.expectations[index];
  if (expectation?.interaction.description !== result.description || expectation.consumer !== result.consumer)
    throw new Error(`Pact's result for “${result.description}” cannot be told apart from others`);
  const mismatches = result.mismatch?.mismatches ?? [];
  // Not compared at all: no reply, or Pact itself failed.
  const obstacle =
    result.result !== "OK" && mismatches.length === 0
      ? (result.mismatch?.message ?? result.mismatch?.type ?? "no reply")
      : undefined;
  return {
    index,
    ok: result.result === "OK" && obstacle === undefined,
    durationMs: Number(/^(\d+)/.exec(result.duration ?? "")?.[1] ?? 0),
    mismatches,
    ...(obstacle !== undefined && { obstacle }),
    ...(request !== undefined && { request }),
  };
}

/** Writes the pacts as they are, but for the states, which say whom they are for. One file for each consumer. */
function writeCopies(job: Job, prepared: readonly Prepared[], folder: string): string[] {
  const pacts = Map.groupBy(
    job.expectations
      .map((expectation, index) => ({ expectation, index }))
      .filter(({ index }) => prepared[index]?.failure === undefined),
    ({ expectation }) => `${expectation.consumer}\n${expectation.version ?? ""}`,
  );
  return [...pacts.values()].map((own, at) => {
    const file = join(folder, `${at}.json`);
    const pact = {
      consumer: { name: own[0]?.expectation.consumer },
      provider: { name: job.provider },
      interactions: own.map(({ expectation, index }) => marked(expectation, index)),
      metadata: { pactSpecification: { version: "4.0" } },
    };
    writeFileSync(file, JSON.stringify(pact));
    return file;
  });
}

function marked({ interaction }: Expectation, index: number): unknown {
  const states = interaction.providerStates ?? [];
  const all = states.length === 0 ? [{ name: "nothing in particular" }] : states;
  return {
    ...interaction,
    pending: false,
    providerStates: all.map((state, place) => ({
      name: state.name,
      params: { ...("params" in state ? state.params : {}), [INDEX]: index, place },
    })),
  };
}

type Handler = (params?: unknown) => Promise<never>;

/** Answers for every name; Pact asks `toJSON` when it logs. */
function anyState(setup: (params: unknown) => Promise<unknown>): Record<string, { setup: Handler }> {
  return new Proxy(
    {},
    { get: (_, name) => (typeof name === "string" && name !== "toJSON" ? { setup } : undefined) },
  );
}

function anyMessage(provide: () => Promise<unknown>): Record<string, never> {
  return new Proxy(
    {},
    { get: (_, name) => (typeof name === "string" && name !== "toJSON" ? provide : undefined) },
  );
}

/** As Express hands it to the filter. */
interface FilteredRequest {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly headers: Record<string, unknown>;
  readonly body?: unknown;
}

function requestOf(job: Job, request: FilteredRequest): NonNullable<Verified["request"]> {
  const own = /^(authorization|content-type|if-match|idempotency-key)$/;
  const headers = Object.entries(request.headers).filter(([name]) => own.test(name));
  const body = Buffer.isBuffer(request.body)
    ? request.body.toString("utf8")
    : request.headers["content-length"] === undefined
      ? undefined
      : JSON.stringify(request.body);
  return {
    method: request.method,
    url: job.target.url.replace(/\/$/, "") + request.url,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    ...(body !== undefined && body !== "" && { body }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
