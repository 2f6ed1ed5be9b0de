import type { LooseCall } from "../../../openapi/client/index.ts";
import type { Answer, Api, Case } from "../case.ts";
import { isRecord } from "../lib/match.ts";
import { successOf } from "./subject.ts";

/** An operation that takes an Idempotency-Key, and how to see what it did. */
export interface Repeatable {
  readonly api: Api;
  /** A call that succeeds now, once for each time this is asked: path, body, If-Match. */
  readonly fresh: () => Promise<LooseCall>;
  /** The same path with another valid body, where there is a body. */
  readonly other?: (call: LooseCall) => LooseCall;
  /** The same body with another path, where there is a path. */
  readonly elsewhere?: (call: LooseCall) => LooseCall;
  /** A body that is refused with 422, where there is one. */
  readonly invalid?: (call: LooseCall) => LooseCall;
  /** How often the effect of a call has happened: a count of what is listed, say. */
  readonly effects: () => Promise<number>;
  /** Another account's key with a fresh call of its own: its keys are its own. */
  readonly stranger?: { readonly api: Api; readonly fresh: () => Promise<LooseCall> };
}

/** At most so many races until one of them meets a request in progress. */
const ROUNDS = 100;

/** Replays, other requests with the key, freed keys, keys of others, and races: one effect each. */
export async function walkIdempotency(c: Case, what: Repeatable): Promise<void> {
  await c.part("replay", () => replay(c, what));
  await c.part("freed key", () => freed(c, what));
  await c.part("race", () => race(c, what));
}

async function replay(c: Case, what: Repeatable): Promise<void> {
  const call = await what.fresh();
  const key = c.newKey();
  const first = await call_(c, what.api, successOf(c), call, key);
  const after = await what.effects();
  const again = await call_(c, what.api, successOf(c), { ...call, body: reversed(call.body) }, key);
  sameAnswer(c, again, first);
  if (c.operation.parameters.some((one) => one.name === "If-Match"))
    sameAnswer(c, await call_(c, what.api, successOf(c), without(call, "If-Match"), key), first);
  const reused = (other: LooseCall | undefined) =>
    other === undefined
      ? Promise.resolve()
      : c.refused(call_(c, what.api, 422, other, key), "idempotency-key-reused", {});
  await reused(what.other?.(call));
  await reused(what.elsewhere?.(call));
  if (what.stranger !== undefined) {
    const foreign = await call_(c, what.stranger.api, successOf(c), await what.stranger.fresh(), key);
    c.header(foreign, "idempotency-replayed", undefined);
    c.equal("another account's answer", foreign.text === first.text, false, foreign);
  }
  c.equal("effects after repeating", await what.effects(), after, again);
}

/** An error frees its key: the next request with it is a first one. */
async function freed(c: Case, what: Repeatable): Promise<void> {
  if (what.invalid === undefined) return;
  const key = c.newKey();
  const call = await what.fresh();
  await c.refused(call_(c, what.api, 422, what.invalid(call), key), "validation-failed");
  const reply = await call_(c, what.api, successOf(c), call, key);
  c.header(reply, "idempotency-replayed", undefined);
}

/** At once with one key: one effect, one answer; until one of them is told that the first still runs. */
async function race(c: Case, what: Repeatable): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const call = await what.fresh();
    const key = c.newKey();
    const before = round === 1 ? await what.effects() : 0;
    const replies = await Promise.all(
      Array.from({ length: round === 1 ? 4 : 3 }, () => call_(c, what.api, [successOf(c), 409], call, key)),
    );
    const won = replies.filter((reply) => reply.status !== 409);
    const waiting = replies.filter((reply) => reply.status === 409);
    const [first] = won.filter((reply) => reply.headers["idempotency-replayed"] === undefined);
    c.equal(
      "first answers of a race",
      won.filter((reply) => !reply.headers["idempotency-replayed"]).length,
      1,
      won[0],
    );
    for (const reply of won) if (first) c.equal("answers of a race, body", reply.body, first.body, reply);
    for (const reply of waiting) await c.refused(Promise.resolve(reply), "idempotency-in-progress", {});
    if (round === 1) {
      if (first) sameAnswer(c, await call_(c, what.api, successOf(c), call, key), first);
      c.equal("effects of a race", (await what.effects()) - before, 1, first);
    }
    if (waiting.length > 0) return;
  }
  c.equal(`409 idempotency-in-progress in ${ROUNDS} races`, "never seen", "seen");
}

function call_(
  c: Case,
  api: Api,
  wanted: number | readonly number[],
  call: LooseCall,
  key: string,
): Promise<Answer> {
  return api.send(wanted, c.operation.id, { ...call, headers: { ...call.headers, "Idempotency-Key": key } });
}

/** Status, headers and body of a kept answer, and its mark. */
function sameAnswer(c: Case, again: Answer, first: Answer): void {
  c.header(again, "idempotency-replayed", "true");
  c.equal("replayed status", again.status, first.status, again);
  c.equal("replayed body", again.body, first.body, again);
  for (const name of ["etag", "location", "retry-after", "content-type"])
    c.equal(`replayed header ${name}`, again.headers[name], first.headers[name], again);
}

/** By value the same JSON, its members in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

function without(call: LooseCall, header: string): LooseCall {
  return { ...call, headers: { ...call.headers, [header]: undefined } };
}
