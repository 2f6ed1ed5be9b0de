import type { Queryable } from "../db/database.ts";
import type { QueryOf, QueryShape } from "../validation/query.ts";
import { Issues, type Reader, refused } from "../validation/reader.ts";
import type { Cursors } from "./cursor.ts";
import { invalid } from "./problem.ts";

export type Context =
  | "accounts"
  | "catalog"
  | "subscriptions"
  | "usage"
  | "invoices"
  | "payments"
  | "webhooks";
export type Scope = `${Context}:${"read" | "write"}`;

/** All 14 scopes, sorted: what an owner's key may do. */
export const allScopes: readonly Scope[] = (
  ["accounts", "catalog", "invoices", "payments", "subscriptions", "usage", "webhooks"] as const
).flatMap((context) => [`${context}:read`, `${context}:write`] as const);

/** Whose key a request carries. */
export interface Caller {
  readonly accountId: string;
  readonly scopes: readonly string[];
}

/** What operations may need of the process around them. */
export interface Surroundings {
  readonly cursors: Cursors;
  /** Whether webhooks may point to plain http on this machine. */
  readonly allowLoopbackWebhooks: boolean;
  /** Background workers with new work; call it after the commit that created the work. */
  readonly wake: Readonly<Record<"finalization" | "delivery", () => void>>;
}

/** One request on its way through an operation, already authenticated and well-formed. */
export interface Call<Q> extends Surroundings {
  /** A transaction in operations that write, the pool in those that read. */
  readonly db: Queryable;
  readonly accountId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  /** Parsed JSON, not validated. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  /** The instant of this request: every time it stores is this one. */
  readonly now: Date;
  /** Runs `action` once the transaction is committed, and not at all when it is rolled back. */
  afterCommit(action: () => void): void;
}

/** What an operation answers; header names as documented. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One of the 42 operations. */
export interface Operation {
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path template of the contract, such as `/plans/{planId}`. */
  readonly path: string;
  /** What the key must allow; `undefined` is public. */
  readonly scope: Scope | undefined;
  /** Media type of the request body, for operations that have one. */
  readonly body?: "application/json" | "application/merge-patch+json";
  /** Query parameters; operations without any ignore the query. */
  readonly query?: QueryShape;
  /** Whether an `Idempotency-Key` is required. */
  readonly idempotent?: true;
  readonly handle: (call: Call<QueryOf<QueryShape>>) => Promise<Answer>;
}

/** Ties the type of `call.query` to the declared parameters. */
export function operation<const S extends QueryShape = Record<never, never>>(
  definition: Omit<Operation, "query" | "handle"> & {
    readonly query?: S;
    readonly handle: (call: Call<QueryOf<S>>) => Promise<Answer>;
  },
): Operation {
  return definition as unknown as Operation;
}

/** Reads a whole body. @throws Problem 422 with an entry for each bad place */
export function readBody<T>(reader: Reader<T>, body: unknown): T {
  const issues = new Issues();
  const result = reader(body, "", issues);
  if (result === refused) throw invalid(issues.list);
  return result;
}
