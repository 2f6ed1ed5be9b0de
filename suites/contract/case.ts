import { randomUUID } from "node:crypto";
import { test } from "vitest";
import type { ContractResult } from "../../gates/evidence/index.ts";
import { createClient } from "../../openapi/client/index.ts";
import type { operations } from "../../openapi/generated/index.ts";
import { type Operation, type OperationModel, operationById } from "../../openapi/model/index.ts";
import { type Answer, type Api, judgedApi, type Wanted } from "./lib/api.ts";
import { differences, show } from "./lib/match.ts";
import { type BadFields, checkProblem, type Slug } from "./lib/problems.ts";
import { randomFrom, randomText } from "./lib/random.ts";
import { CaseRecord, Stop, Unreachable } from "./lib/record.ts";
import { createTenant, type Tenant } from "./lib/tenant.ts";
import { transportTo } from "./lib/transport.ts";
import { CASES } from "./plan.ts";
import { type ContractTarget, settings } from "./settings.ts";

/** How long a case may take, milliseconds; what it found until then is kept. */
const DEADLINE_MS = 60_000;

/** One contract test of one operation on one target. Findings are soft: the case goes on where it can. */
export interface Case {
  readonly id: string;
  readonly operation: Operation;
  readonly target: ContractTarget;
  readonly model: OperationModel;
  /** Without a key. */
  readonly api: Api;

  /** A fresh account, whose name carries the run's id. EUR and 19 % tax, unless told otherwise. */
  tenant(given?: Parameters<typeof createTenant>[2]): Promise<Tenant>;
  /** A fresh member of the account, with these scopes. */
  member(tenant: Tenant, scopes: readonly string[]): Promise<Api>;

  /** The reply's whole body, compared with the expected one, which may hold matchers. */
  body(reply: Answer, wanted: unknown): void;
  header(reply: Answer, name: string, wanted: string | undefined): void;
  /** Any value, compared; `what` says where it comes from; `reply` is shown beside it. */
  equal(what: string, got: unknown, wanted: unknown, reply?: Answer): void;
  /**
   * The reply is this problem, and names exactly these fields (when `at` is given). Takes the call itself:
   * one that gets another status is a finding and the case goes on.
   */
  refused(call: Promise<Answer>, slug: Slug | readonly Slug[], at?: BadFields): Promise<void>;

  /** A part that the rest does not need: what stops it does not stop the case. */
  part(name: string, run: () => Promise<void>): Promise<void>;
  /** All of them, two at a time; results in order. For a race, use Promise.all: it goes out together. */
  all<T, R>(items: readonly T[], run: (item: T, index: number) => Promise<R>): Promise<R[]>;
  /** Asks until there is an answer; a finding and the end of the part at the deadline (10 s). */
  until<T>(what: string, ask: () => Promise<T | undefined>, deadlineMs?: number): Promise<T>;

  /** A well-formed id that nothing has: `unknownId("plan")`. */
  unknownId(prefix: string): string;
  /** A new Idempotency-Key. */
  newKey(): string;
  /** From 0 to 1, by the run's seed. */
  random(): number;
}

/**
 * Declares the contract test of an operation: one vitest test for each target, named `C07 listPlans` and the
 * target's name.
 */
export function contract(operationId: keyof operations, run: (c: Case) => Promise<void>): void {
  const { targets, cases } = settings();
  const planned = CASES.find((one) => one.operationId === operationId);
  if (planned === undefined) throw new Error(`${operationId} is not in CONTEXTS of plan.ts`);
  if (cases.length > 0 && !cases.includes(planned.id) && !cases.includes(operationId)) return;
  for (const target of targets)
    test.concurrent(`${target.name} ${planned.id} ${operationId}`, async ({ task }) => {
      const result = await runCase(planned.id, operationId, target, run);
      Object.assign(task.meta, { contract: result });
      if (result.outcome !== "held") throw new ContractBroken(result);
    });
}

/** The contract does not hold, or could not be asked; the findings are in the message. */
export class ContractBroken extends Error {
  override readonly name = "ContractBroken";
  constructor(result: ContractResult) {
    super([result.reason ?? "", ...result.findings.map((found) => found.message)].join("\n").trim());
    // Where it was thrown tells nothing.
    this.stack = `${this.name}: ${this.message}`;
  }
}

async function runCase(
  id: string,
  operationId: string,
  target: ContractTarget,
  run: (c: Case) => Promise<void>,
): Promise<ContractResult> {
  const { model, runId, seed } = settings();
  const record = new CaseRecord(model, operationId);
  const client = createClient<operations>({
    baseUrl: target.url,
    model,
    transport: transportTo(target),
    ...(target.headers && { headers: target.headers }),
  });
  const operation = operationById(model, operationId);
  const random = randomFrom(seed, `${id} ${target.name}`);
  const api = judgedApi(model, client, record);
  const start = performance.now();
  const at = new Date().toISOString();
  let unreachable: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const c = caseOf({
      id,
      operation,
      target,
      model,
      api,
      random,
      record,
      name: `${runId} ${id} ${operationId}`,
    });
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the case took more than ${DEADLINE_MS / 1000} s`)),
        DEADLINE_MS,
      );
    });
    await Promise.race([run(c), deadline]);
  } catch (error) {
    if (error instanceof Unreachable) unreachable = error.message;
    else recordThrown(record, error);
  } finally {
    clearTimeout(timer);
  }
  const outcome = record.findings.length > 0 ? "broken" : unreachable === undefined ? "held" : "unreachable";
  return {
    ...{ id, operationId, target: target.name, outcome, at },
    ...(unreachable !== undefined && { reason: unreachable }),
    durationMs: performance.now() - start,
    findings: record.findings,
    cells: [...record.cells].sort(),
  };
}

/** What a case throws is a finding too: nothing may pass because it broke off. */
function recordThrown(record: CaseRecord, error: unknown, part = ""): void {
  if (error instanceof Stop) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  record.difference(undefined, part, text.split("\n").slice(0, 4).join(" "), "a case that runs to its end");
}

interface Parts extends Pick<Case, "id" | "operation" | "target" | "model" | "api" | "random"> {
  readonly record: CaseRecord;
  /** Of the accounts. */
  readonly name: string;
}

function caseOf({ record, name, ...parts }: Parts): Case {
  let accounts = 0;
  let members = 0;
  const soft = async (part: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      recordThrown(record, error, part);
    }
  };
  const equal: Case["equal"] = (what, got, wanted, reply) => {
    for (const found of differences(got, wanted))
      record.difference(reply, `${what}${found.pointer}`, show(found.got), show(found.wanted));
  };
  return {
    ...parts,
    tenant: (given) => {
      accounts += 1;
      return createTenant(parts.api, `${name} ${accounts}`, given);
    },
    member: async (tenant, scopes) => {
      members += 1;
      const email = caseMember(members);
      const body = { email, role: "member", scopes };
      const reply = await tenant.api.send(201, "inviteMember", { path: { accountId: tenant.id }, body });
      return parts.api.as((reply.body as { apiKey: string }).apiKey);
    },
    body: (reply, wanted) => equal("", reply.body, wanted, reply),
    header: (reply, header, wanted) =>
      equal(`header ${header}`, reply.headers[header.toLowerCase()], wanted, reply),
    equal,
    refused: (call, slug, at) =>
      soft("", async () => {
        const reply = await call;
        // No body answers HEAD.
        if (reply.request.method === "HEAD") return;
        const slugs = typeof slug === "string" ? [slug] : slug;
        for (const found of checkProblem(reply.body, reply.status, slugs, at))
          record.difference(reply, found.pointer, show(found.got), show(found.wanted));
      }),
    part: soft,
    all: atMostTwo,
    until: async (what, ask, deadlineMs = 10_000) => {
      const end = performance.now() + deadlineMs;
      for (let waitMs = 20; ; waitMs = Math.min(waitMs * 1.5, 250)) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (performance.now() > end) {
          record.difference(undefined, what, `nothing within ${deadlineMs / 1000} s`, what);
          throw new Stop();
        }
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    },
    unknownId: (prefix) => `${prefix}_${randomText(parts.random, 24)}`,
    newKey: () => randomUUID(),
  };
}

/** The address of a member that a case needed for its scopes; `isCaseMember` tells it from others. */
function caseMember(index: number): string {
  return `case.member.${index}@contract.example`;
}

/** Whether a member is one that `Case.member` added: walks add some, lists of members show them. */
export function isCaseMember(member: { readonly email: string }): boolean {
  return /^case\.member\.\d+@contract\.example$/.test(member.email);
}

async function atMostTwo<T, R>(
  items: readonly T[],
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await run(items[index] as T, index);
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}

export type { Answer, Api, Slug, Tenant, Wanted };
