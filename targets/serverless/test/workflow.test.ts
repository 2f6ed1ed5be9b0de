import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LocalAws, startLocalAws } from "../../local-aws/start.ts";
import { buildServerless } from "../index.ts";
import {
  addLine,
  draft,
  finalize,
  openInvoice,
  pay,
  settled,
  until,
  usage,
  type World,
  world,
} from "./billing.ts";
import { type Answer, newKey } from "./client.ts";

vi.setConfig({ testTimeout: 90_000 }); // each may start dozens of processes

let aws: LocalAws;
const folder = mkdtempSync(join(tmpdir(), "cutover-kill-"));
const orders = join(folder, "orders.json");

beforeAll(async () => {
  const preload = join(import.meta.dirname, "killer.cjs");
  const env = { NODE_OPTIONS: `--require ${preload}`, KILL_ORDERS: orders };
  aws = await startLocalAws({ ...(await buildServerless()), env, maxEnvironments: 64 });
});
afterAll(async () => {
  await aws?.close();
  rmSync(folder, { recursive: true });
});

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

interface Order {
  readonly function: string;
  readonly nth: number;
  readonly when: "before" | "after";
}
const order = (wanted: Order): void => writeFileSync(orders, JSON.stringify({ ...wanted, id: newKey() }));
const executed = async (): Promise<void> => {
  await until(
    async () => existsSync(orders),
    (left) => !left,
  );
};

const invoices = async (w: World, query = "") =>
  (await w.must(200, "GET", `/invoices?limit=100${query}`)).body.items;
const events = async (w: World) => (await w.must(200, "GET", "/usage/events?limit=100")).body.items;
const record = (w: World, count: number) =>
  w.must(200, "POST", "/usage/events/batch", {
    body: { events: Array.from({ length: count }, () => usage(w.subscriptionId)) },
  });

describe("races", () => {
  test("ten finalized at once take ten consecutive numbers", async () => {
    const w = await world(aws.gatewayUrl);
    const drafts = await Promise.all(Array.from({ length: 10 }, async () => addLine(w, await draft(w))));
    const open = await Promise.all(drafts.map(({ body }) => finalize(w, body.id)));
    expect(open.map(({ body }) => body.number).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  test("ten invoices of one period at once bill its usage once", async () => {
    const w = await world(aws.gatewayUrl);
    await record(w, 60);
    const drafts = await Promise.all(Array.from({ length: 6 }, () => draft(w)));
    const done = await Promise.all(drafts.map(({ body }) => finalize(w, body.id)));
    const billed = done.flatMap(({ body }) =>
      body.lines.map((line: { quantity: string }) => Number(line.quantity)),
    );
    expect(billed.reduce((sum: number, quantity: number) => sum + quantity, 0)).toBe(60);
    for (const { body } of done) expect(body.status).toBe(body.lines.length > 0 ? "open" : "failed");
    const owned = Map.groupBy(await events(w), (event: { invoiceId: string }) => event.invoiceId);
    for (const { body } of done) {
      const quantity = body.lines.reduce(
        (sum: number, line: { quantity: string }) => sum + Number(line.quantity),
        0,
      );
      expect(owned.get(body.id)?.length ?? 0).toBe(quantity);
    }
  });

  test("usage recorded while an invoice is rated is in it, or free", async () => {
    const w = await world(aws.gatewayUrl);
    await record(w, 1);
    const id = (await draft(w)).body.id;
    await w.must(202, "POST", `/invoices/${id}/finalize`, { key: newKey() });
    for (let n = 0; n < 15; n++)
      await w.must(201, "POST", "/usage/events", { body: usage(w.subscriptionId) });
    const { body } = await settled(w, id);
    const quantity = body.lines.reduce(
      (sum: number, line: { quantity: string }) => sum + Number(line.quantity),
      0,
    );
    expect((await events(w)).filter((event: { invoiceId?: string }) => event.invoiceId === id)).toHaveLength(
      quantity,
    );
  });

  test("void and finalize at once: exactly one wins", async () => {
    const w = await world(aws.gatewayUrl);
    for (let n = 0; n < 6; n++) {
      const { id } = (await addLine(w, await draft(w))).body;
      const [finalized, voided] = await Promise.all([
        w.send("POST", `/invoices/${id}/finalize`, { key: newKey() }),
        w.send("POST", `/invoices/${id}/void`),
      ]);
      const { body } = await settled(w, id);
      const wanted = body.status === "void" ? [409, 200, "void"] : [202, 409, "open"];
      expect([finalized.status, voided.status, body.status]).toEqual(wanted);
    }
  });

  test("one invoice finalized many times at once is finalized once", async () => {
    const w = await world(aws.gatewayUrl);
    const { id } = (await addLine(w, await draft(w))).body;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => w.send("POST", `/invoices/${id}/finalize`, { key: newKey() })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409]);
    expect((await settled(w, id)).body.number).toBe(1);
    expect((await openInvoice(w)).body.number).toBe(2);
  });
});

describe("killed at any write, an invoice is billed once", () => {
  let w: World;
  let number = 0;
  const numbered: string[] = [];
  beforeAll(async () => {
    w = await world(aws.gatewayUrl);
  });

  // The rater takes the revision, claims two pages, and writes what it rated; the processor commits once.
  const cases: readonly Order[] = [
    ...[1, 2, 3, 4].map((nth) => ({ function: "InvoiceRaterFunction", nth })),
    { function: "InvoiceProcessorFunction", nth: 1 },
  ].flatMap((each) => [
    { ...each, when: "before" as const },
    { ...each, when: "after" as const },
  ]);

  test.each(cases)("$function, $when write $nth", async (wanted) => {
    await record(w, 100);
    await record(w, 10);
    const { id } = (await draft(w)).body;
    order(wanted);
    const { body } = await finalize(w, id);
    await executed();
    expect(body).toMatchObject({
      status: "open",
      number: ++number,
      total: 7140,
      lines: [{ quantity: "10" }, { quantity: "100" }],
    });
    numbered.push(id);
    const next = await finalize(w, (await draft(w)).body.id);
    expect(next.body).toMatchObject({ status: "failed", failureReason: "nothing_to_bill" });
  });

  test("a failure releases what was claimed, also when the processor is killed on the way", async () => {
    const dear = await world(aws.gatewayUrl);
    await record(dear, 3);
    const most = ((2n ** 53n - 100n) * 10_000n) / 11_900n; // with tax, three events more are too much
    const unitPrice = `${most / 100n}.${String(most % 100n).padStart(2, "0")}`;
    const invoice = await addLine(dear, await draft(dear), { unitPrice });
    for (const nth of [1, 2]) {
      order({ function: "InvoiceProcessorFunction", nth, when: "after" }); // 1: the release, 2: the failure
      const failed = await finalize(dear, invoice.body.id);
      await executed();
      expect(failed.body).toMatchObject({
        status: "failed",
        failureReason: "amount_too_large",
        total: invoice.body.total,
      });
      expect((await events(dear)).map((event: { invoiceId?: string }) => event.invoiceId)).toEqual(
        Array(3).fill(undefined),
      );
    }
  });

  test("voided, and killed before the claims are released", async () => {
    const id = numbered[0] ?? "";
    const claimed = (await events(w)).filter((event: { invoiceId: string }) => event.invoiceId === id);
    expect(claimed.length).toBeGreaterThan(0);
    order({ function: "InvoicesCommandFunction", nth: 1, when: "after" });
    const answer = await w.send("POST", `/invoices/${id}/void`);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect((await settled(w, id)).body.status).toBe("void");
    await until(
      async () => (await events(w)).filter((event: { invoiceId: string }) => event.invoiceId === id).length,
      (count) => count === 0,
    );
    expect((await finalize(w, (await draft(w)).body.id)).body).toMatchObject({ status: "open", total: 7140 });
    number += 1;
  });
});

test("an invoice that cannot be finalized is given up: failed, with nothing claimed, and can be finalized again", async () => {
  const w = await world(aws.gatewayUrl);
  await record(w, 2);
  const { id } = (await draft(w)).body;
  // Where the state machine gets to when the rater has failed for good, after it has claimed.
  const lambda = new LambdaClient({ region: "us-east-1", endpoint: aws.endpoints.lambda, credentials });
  const { Environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: "InvoiceProcessorFunction" }),
  );
  const names = Environment?.Variables ?? {};
  const dynamo = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: "us-east-1", endpoint: aws.endpoints.dynamodb, credentials }),
  );
  const set = (
    TableName: string | undefined,
    sk: string,
    expression: string,
    names: object,
    values: object,
  ) =>
    dynamo.send(
      new UpdateCommand({
        TableName,
        Key: { pk: w.id, sk },
        UpdateExpression: expression,
        ExpressionAttributeNames: { ...names },
        ExpressionAttributeValues: { ...values },
      }),
    );
  const finalizing = { ":s": "finalizing", ":e": "x", ":m": true };
  await set(
    names.INVOICES_TABLE,
    id,
    "SET doc.#s = :s, execution = :e, mayClaim = :m",
    { "#s": "status" },
    finalizing,
  );
  const [event] = await events(w);
  await set(names.USAGE_TABLE, event.id, "SET doc.#i = :i", { "#i": "invoiceId" }, { ":i": id });
  const input = {
    kind: "finalize",
    accountId: w.id,
    group: id,
    revision: 1,
    execution: "x",
    error: { Error: "boom" },
  };
  for (let run = 0; run < 2; run++) {
    const { FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: "InvoiceProcessorFunction",
        Payload: Buffer.from(JSON.stringify(input)),
      }),
    );
    expect(FunctionError).toBeUndefined();
  }
  const failed = await w.must(200, "GET", `/invoices/${id}`);
  expect(failed.body).toMatchObject({ status: "failed", failureReason: "nothing_to_bill", lines: [] });
  expect((await events(w)).map((each: { invoiceId?: string }) => each.invoiceId)).toEqual([
    undefined,
    undefined,
  ]);
  expect((await finalize(w, id)).body).toMatchObject({
    status: "open",
    number: 1,
    lines: [{ quantity: "2" }],
  });
});

describe("killed in the API", () => {
  test("before finalizing: nothing has happened, and it can be finalized", async () => {
    const w = await world(aws.gatewayUrl);
    const invoice = await addLine(w, await draft(w));
    const path = `/invoices/${invoice.body.id}/finalize`;
    order({ function: "InvoicesCommandFunction", nth: 2, when: "before" }); // 1: the key, 2: the hand-over
    expect((await w.send("POST", path, { key: newKey() })).status).toBeGreaterThanOrEqual(500);
    expect((await w.must(200, "GET", `/invoices/${invoice.body.id}`)).etag).toBe(invoice.etag);
    expect((await finalize(w, invoice.body.id)).body).toMatchObject({ status: "open", number: 1 });
    expect((await openInvoice(w)).body.number).toBe(2);
  });

  test("before finalizing, and nobody tries again: the execution takes the revision and ends", async () => {
    const w = await world(aws.gatewayUrl);
    const invoice = await addLine(w, await draft(w));
    order({ function: "InvoicesCommandFunction", nth: 2, when: "before" });
    await w.send("POST", `/invoices/${invoice.body.id}/finalize`, { key: newKey() });
    await executed();
    await new Promise((resolve) => setTimeout(resolve, 5_500)); // longer than an execution waits
    const read = await w.must(200, "GET", `/invoices/${invoice.body.id}`);
    expect([read.body, read.etag]).toEqual([invoice.body, invoice.etag]);
    await addLine(w, read);
    expect((await finalize(w, invoice.body.id)).body).toMatchObject({ status: "open", subtotal: 2000 });
  });

  test("after finalizing: it goes on without the API, and the key replays the answer", async () => {
    const w = await world(aws.gatewayUrl);
    const { id } = (await addLine(w, await draft(w))).body;
    const key = newKey();
    order({ function: "InvoicesCommandFunction", nth: 2, when: "after" });
    expect((await w.send("POST", `/invoices/${id}/finalize`, { key })).status).toBeGreaterThanOrEqual(500);
    expect((await settled(w, id)).body).toMatchObject({ status: "open", number: 1 });
    const again = await w.must(202, "POST", `/invoices/${id}/finalize`, { key });
    expect([again.body.status, again.headers.get("idempotency-replayed")]).toEqual(["finalizing", "true"]);
  });

  const retried: readonly [string, (w: World, id: string, key: string) => Promise<Answer>][] = [
    ["payment", (w, id, key) => pay(w, id, 500, {}, key)],
  ];
  test.each(retried)("after a %s: the key replays it, it is made once", async (_, act) => {
    const w = await world(aws.gatewayUrl);
    const { id } = (await openInvoice(w)).body;
    const key = newKey();
    order({ function: "PaymentsCommandFunction", nth: 2, when: "after" });
    expect((await act(w, id, key)).status).toBeGreaterThanOrEqual(500);
    const again = await act(w, id, key);
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect((await w.must(200, "GET", `/invoices/${id}`)).body.amountPaid).toBe(500);
    expect((await invoices(w))[0].amountPaid).toBe(500);
  });
});
