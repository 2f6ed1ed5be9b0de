import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import type { Call, Handler, Rendered } from "./http.ts";
import { Problem } from "./problem.ts";

let aws: LocalAws;
let once: typeof import("./idempotency.ts").once;
let commit: typeof import("./table.ts").commit;
let scanRange: typeof import("./table.ts").scanRange;

const table = "PaymentsTable";

beforeAll(async () => {
  aws = await startLocalAws(await buildServerless());
  Object.assign(process.env, aws.environment, { IDEMPOTENCY_TABLE: "IdempotencyTable" });
  ({ once } = await import("./idempotency.ts"));
  ({ commit, scanRange } = await import("./table.ts"));
});
afterAll(() => aws?.close());

let calls = 0;
const newCall = (remainingMs = 10_000): Call => ({
  operation: "createPayment",
  accountId: `acc_${++calls}`,
  path: () => "",
  query: {},
  body: { amount: 1 },
  ifMatch: undefined,
  now: Date.now(),
  idempotencyKey: "k",
  context: { getRemainingTimeInMillis: () => remainingMs } as Context,
});

const effects = async (call: Call): Promise<number> =>
  (await scanRange({ table, pk: call.accountId })).length;

/** Pays, and keeps the answer with the payment. `then` is what happens between the commit and the answer. */
const paying =
  (then: () => Promise<void> = async () => undefined): Handler =>
  async (call, keep) => {
    const reply = { status: 201, headers: { location: "/payments/p" }, body: { paid: true } };
    const item = { pk: call.accountId, sk: `pay_${Math.random()}` };
    const refused = await commit([{ Put: { TableName: table, Item: item } }, ...keep(reply)]);
    if (refused) throw new Error(`refused: ${refused}`);
    await then();
    return reply;
  };

const never = (): Promise<never> => new Promise(() => undefined);
const replayed: Rendered = {
  status: 201,
  headers: { "content-type": "application/json", location: "/payments/p", "idempotency-replayed": "true" },
  body: '{"paid":true}',
};

test("the second time the answer is the first", async () => {
  const call = newCall();
  const first = await once(call, paying());
  expect(first.headers).not.toHaveProperty("idempotency-replayed");
  expect(await once(call, paying())).toEqual(replayed);
  expect(await effects(call)).toBe(1);
});

test("a function killed between its commit and its answer has happened once, and the retry gets the answer", async () => {
  const call = newCall();
  await new Promise<void>((committed) => {
    void once(
      call,
      paying(() => {
        committed();
        return never();
      }),
    );
  });
  expect(await once(call, paying())).toEqual(replayed);
  expect(await effects(call)).toBe(1);
});

test("a function killed before its commit blocks the key until its time is up, and no longer", async () => {
  const call = newCall(150);
  await new Promise<void>((started) => {
    void once(call, () => {
      started();
      return never();
    });
  });
  await expect(once(call, paying())).rejects.toMatchObject({
    body: { type: expect.stringMatching(/idempotency-in-progress$/) },
  });
  await expect
    .poll(() => once(call, paying()).catch(() => undefined), { timeout: 5000 })
    .toMatchObject({ status: 201 });
  expect(await effects(call)).toBe(1);
});

test("an execution that outlived its time cannot commit when another has", async () => {
  const call = newCall(50);
  let wake: () => void = () => undefined;
  const late = once(call, async (...all) => {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    return paying()(...all);
  });
  await expect
    .poll(() => once(call, paying()).catch(() => undefined), { timeout: 5000 })
    .toMatchObject({ status: 201 });
  wake();
  await expect(late).rejects.toThrow("refused");
  expect(await once(call, paying())).toEqual(replayed);
  expect(await effects(call)).toBe(1);
});

test("an error frees the key, another request is refused", async () => {
  const call = newCall();
  await expect(once(call, () => Promise.reject(new Problem("conflict", "no")))).rejects.toMatchObject({
    status: 409,
  });
  expect((await once(call, paying())).status).toBe(201);
  await expect(once({ ...call, body: { amount: 2 } }, paying())).rejects.toMatchObject({ status: 422 });
});
