import type { IncomingHttpHeaders } from "node:http";
import type { Database, Queryable } from "../db/database.ts";
import { type ParameterIssue, readQuery } from "../validation/query.ts";
import { checkMediaType, checkSize, parseJson, type tooLarge } from "./body.ts";
import { fingerprintOf, idempotencyKeyPattern, once, type SentAnswer } from "./idempotency.ts";
import type { Answer, Call, Operation, Surroundings } from "./operation.ts";
import { malformed } from "./problem.ts";

/** A request as HTTP carried it, behind authentication. */
export interface Received {
  readonly accountId: string;
  readonly params: Readonly<Record<string, string>>;
  /** Query string without the question mark. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string | undefined;
  readonly raw: Buffer | typeof tooLarge;
}

/** Checks 415 and 400, then runs the operation in the transaction it needs. */
export async function run(
  operation: Operation,
  database: Database,
  surroundings: Surroundings,
  received: Received,
): Promise<SentAnswer> {
  const { accountId } = received;
  const params = harmless(received.params);
  const body = readJson(operation, received);
  const { query, issues } = readQuery(operation.query ?? {}, operation.query ? received.search : "");
  const key = received.headers["idempotency-key"];
  const wrong = operation.idempotent ? [...issues, ...keyIssues(key)] : issues;
  if (wrong.length > 0) throw malformed(wrong);

  const now = new Date();
  const actions: (() => void)[] = [];
  const callOn = (db: Queryable): Call<typeof query> => ({
    ...surroundings,
    db,
    accountId,
    params,
    query,
    body,
    now,
    ifMatch: received.headers["if-match"],
    afterCommit: (action) => actions.push(action),
  });

  if (operation.scope?.endsWith(":read")) return serialized(await operation.handle(callOn(database)));
  const sent = await database.transaction(async (tx) => {
    const work = () => operation.handle(callOn(tx));
    if (!operation.idempotent) return serialized(await work());
    const fingerprint = fingerprintOf(params, body);
    return once(tx, { accountId, operation: operation.id, key: String(key), fingerprint, now }, work);
  });
  for (const action of actions) action();
  return sent;
}

/** An id that no resource can have (NUL in it would even fail in SQL) becomes one that no resource has. */
const harmless = (params: Received["params"]): Received["params"] =>
  Object.fromEntries(Object.entries(params).map(([name, id]) => [name, /^\w{1,64}$/.test(id) ? id : "none"]));

function readJson(operation: Operation, { contentType, raw }: Received): unknown {
  if (operation.body === undefined) return undefined;
  const sized = checkSize(raw);
  checkMediaType(contentType, operation.body);
  return parseJson(sized);
}

function keyIssues(key: string | string[] | undefined): ParameterIssue[] {
  if (typeof key === "string" && idempotencyKeyPattern.test(key)) return [];
  const detail = key === undefined ? "is required" : "must be 1 to 128 visible ASCII characters";
  return [{ parameter: "Idempotency-Key", detail }];
}

const serialized = (answer: Answer): SentAnswer => ({
  status: answer.status,
  headers: answer.headers ?? {},
  text: JSON.stringify(answer.body) ?? "",
});
