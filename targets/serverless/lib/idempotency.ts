import { createHash } from "node:crypto";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { type Once, type Rendered, render } from "./http.ts";
import { operations } from "./operations.ts";
import { Problem } from "./problem.ts";
import { commit, dynamo, type Write } from "./table.ts";

const day = 24 * 60 * 60;
const tableName = process.env.IDEMPOTENCY_TABLE ?? "idempotency-table-not-set";

type IdempotencyRecord = Parameters<DynamoDBPersistenceLayer["_deleteRecord"]>[0];

/**
 * Powertools' store, with claims that can be told apart: an execution that outlived its claim must neither complete nor
 * free a key that another has claimed since.
 */
class Records extends DynamoDBPersistenceLayer {
  /** When each claim runs out, which no two claims of a key share. */
  readonly #claims = new Map<string, number>();

  override async _putRecord(record: IdempotencyRecord): Promise<void> {
    await super._putRecord(record);
    this.#claims.set(record.idempotencyKey, record.inProgressExpiryTimestamp ?? 0);
  }

  override async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    await commit([{ Delete: this.#held(record.idempotencyKey) }]);
  }

  /** Completes the record of `data` as Powertools would; refused when the claim is no longer held. */
  completion(data: Identified, rendered: Rendered): Write {
    const { ExpressionAttributeNames, ExpressionAttributeValues, ...held } = this.#held(this.#idOf(data));
    return {
      Update: {
        ...held,
        UpdateExpression: "SET #status = :completed, #data = :data",
        ExpressionAttributeNames: { ...ExpressionAttributeNames, "#data": "data" },
        ExpressionAttributeValues: {
          ...ExpressionAttributeValues,
          ":completed": "COMPLETED",
          ":data": rendered,
        },
      },
    };
  }

  /** Forgets a claim that has ended. */
  release(data: Identified): void {
    this.#claims.delete(this.#idOf(data));
  }

  #idOf(data: Identified): string {
    return this.getHashedIdempotencyKey(data as never);
  }

  #held(id: string) {
    return {
      TableName: tableName,
      Key: { id },
      ConditionExpression: "#status = :running AND #until = :until",
      ExpressionAttributeNames: { "#status": "status", "#until": "in_progress_expiration" },
      ExpressionAttributeValues: { ":running": "INPROGRESS", ":until": this.#claims.get(id) ?? 0 },
    };
  }
}

const store = new Records({ tableName, awsSdkV3Client: dynamo });

const config = new IdempotencyConfig({
  eventKeyJmesPath: "key",
  payloadValidationJmesPath: "fingerprint",
  throwOnNoIdempotencyKey: true,
  expiresAfterSeconds: day,
  hashFunction: "sha256",
  responseHook: (response) => replayed(response as unknown as Rendered) as never,
});

const replayed = (kept: Rendered): Rendered => ({
  ...kept,
  headers: { ...kept.headers, "idempotency-replayed": "true" },
});

interface Identified {
  readonly key: string;
  readonly fingerprint: string;
}

/**
 * Runs a handler at most once per account, operation and Idempotency-Key. Only answers are kept; whatever a
 * handler throws frees the key.
 * @throws Problem 422 for another request with the key, 409 while the first still runs
 */
export const once: Once = async (call, handler) => {
  config.registerLambdaContext(call.context);
  const identified: Identified = {
    key: `${call.accountId} ${call.idempotencyKey}`,
    fingerprint: fingerprintOf(call),
  };
  const run = makeIdempotent(
    async (_: Identified) =>
      render(await handler(call, (reply) => [store.completion(identified, render(reply))])),
    { persistenceStore: store, config, keyPrefix: call.operation },
  );
  try {
    return await run(identified);
  } catch (error) {
    throw translate(error);
  } finally {
    store.release(identified);
  }
};

const translate = (error: unknown): unknown => {
  const name = error instanceof Error ? error.name : "";
  if (name === "IdempotencyValidationError")
    return new Problem("idempotency-key-reused", "This Idempotency-Key was used for another request.");
  if (name === "IdempotencyAlreadyInProgressError")
    return new Problem("idempotency-in-progress", "A request with this Idempotency-Key is still running.");
  return error;
};

const deepest = 64;

/** What makes a request the same: its path ids and its body by value. */
function fingerprintOf(call: Parameters<Once>[0]): string {
  const ids = [...operations[call.operation].path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) =>
    call.path(name),
  );
  return createHash("sha256")
    .update(sorted([ids, call.body ?? null], 0))
    .digest("base64");
}

/** JSON with sorted members. Nothing valid is nested deeply, so that the rest may be told apart less finely. */
function sorted(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth > deepest) return "…";
  if (Array.isArray(value)) return `[${value.map((each) => sorted(each, depth + 1)).join()}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member, depth + 1)}`).join()}}`;
}
