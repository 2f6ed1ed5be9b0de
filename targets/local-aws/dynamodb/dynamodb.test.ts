import {
  ConditionalCheckFailedException,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, startFixture, until } from "../fixture/start.ts";

const GSI_DELAY_MS = 400;
const TableName = "things";

let aws: Fixture;
beforeAll(async () => {
  aws = await startFixture({ globalIndexDelayMs: GSI_DELAY_MS });
});
afterAll(() => aws.close());

const key = (pk: string, sk = "1") => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, sk: string, attributes: Record<string, { S: string } | { N: string }>) =>
  aws.dynamodb.send(new PutItemCommand({ TableName, Item: { ...key(pk, sk), ...attributes } }));
const get = async (pk: string, sk = "1") =>
  (await aws.dynamodb.send(new GetItemCommand({ TableName, Key: key(pk, sk), ConsistentRead: true }))).Item;
const write = (items: TransactWriteItem[], ClientRequestToken?: string) =>
  aws.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken }));
const refusal = async (promise: Promise<unknown>): Promise<TransactionCanceledException> => {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(TransactionCanceledException);
  return error as TransactionCanceledException;
};
const add = (pk: string, by: number): TransactWriteItem => ({
  Update: {
    TableName,
    Key: key(pk),
    UpdateExpression: "ADD n :by",
    ExpressionAttributeValues: { ":by": { N: String(by) } },
  },
});

describe("indexes", () => {
  test("a local one shows a write at once, in its own order", async () => {
    await put("lsi", "1", { byDate: { S: "2" } });
    await put("lsi", "2", { byDate: { S: "1" } });
    const { Items } = await aws.dynamodb.send(
      new QueryCommand({
        TableName,
        IndexName: "by-date",
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "lsi" } },
      }),
    );
    expect(Items?.map((item) => item.sk?.S)).toEqual(["2", "1"]);
  });

  test("a global one lags, and refuses consistent reads", async () => {
    const query = (ConsistentRead = false) =>
      new QueryCommand({
        TableName,
        IndexName: "by-owner",
        ConsistentRead,
        KeyConditionExpression: "#o = :o",
        ExpressionAttributeNames: { "#o": "owner" },
        ExpressionAttributeValues: { ":o": { S: "ann" } },
      });
    const count = async () => (await aws.dynamodb.send(query())).Count ?? 0;
    const writtenAt = performance.now();
    await put("gsi", "1", { owner: { S: "ann" } });
    expect(await count()).toBe(0);
    await until(async () => ((await count()) === 1 ? true : undefined));
    expect(performance.now() - writtenAt).toBeGreaterThanOrEqual(GSI_DELAY_MS - 1);
    await put("gsi", "1", { owner: { S: "bob" } });
    expect(await count()).toBe(1);
    await until(async () => ((await count()) === 0 ? true : undefined));
    await expect(aws.dynamodb.send(query(true))).rejects.toThrow(/Consistent reads are not supported/);
  });
});

describe("a failed condition", () => {
  test("returns the item when asked", async () => {
    await put("condition", "1", { n: { N: "5" } });
    const error = await aws.dynamodb
      .send(
        new UpdateItemCommand({
          TableName,
          Key: key("condition"),
          UpdateExpression: "SET n = :new",
          ConditionExpression: "n = :old",
          ExpressionAttributeValues: { ":new": { N: "7" }, ":old": { N: "6" } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      )
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item?.n).toEqual({ N: "5" });
  });
});

describe("a transaction", () => {
  test("writes all or nothing, and says why not", async () => {
    await put("all", "1", { n: { N: "1" } });
    const guarded: TransactWriteItem = {
      Put: {
        TableName,
        Item: key("all"),
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    };
    const fresh: TransactWriteItem = { Put: { TableName, Item: { ...key("all", "2"), byDate: { S: "d" } } } };
    const error = await refusal(write([fresh, guarded]));
    expect(error.CancellationReasons).toMatchObject([
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Item: { n: { N: "1" } } },
    ]);
    expect(error.message).toContain("[None, ConditionalCheckFailed]");
    expect(await get("all", "2")).toBeUndefined();
    await write([fresh, { Delete: { TableName, Key: key("all") } }]);
    expect([await get("all", "2"), await get("all")]).toMatchObject([{ byDate: { S: "d" } }, undefined]);
  });

  test("leaves nothing when an update has the wrong type", async () => {
    await put("type", "1", { n: { S: "text" } });
    const error = await refusal(write([add("type-other", 1), add("type", 1)]));
    expect(error.CancellationReasons?.map((r) => r.Code)).toEqual(["None", "ValidationError"]);
    expect(await get("type-other")).toBeUndefined();
  });

  test("checks what it does not write", async () => {
    const check: TransactWriteItem = {
      ConditionCheck: { TableName, Key: key("checked"), ConditionExpression: "attribute_exists(pk)" },
    };
    await refusal(write([check, add("check", 1)]));
    await put("checked", "1", {});
    await write([check, add("check", 1)]);
    expect([await get("check"), await get("checked")]).toMatchObject([{ n: { N: "1" } }, key("checked")]);
  });

  test("refuses two actions on one item", async () => {
    await expect(write([add("twice", 1), add("twice", 1)])).rejects.toThrow(
      /multiple operations on one item/,
    );
  });

  test("with the same token happens once", async () => {
    await write([add("token", 1)], "token-1");
    await write([add("token", 1)], "token-1");
    expect((await get("token"))?.n).toEqual({ N: "1" });
    await expect(write([add("token", 2)], "token-1")).rejects.toBeInstanceOf(
      IdempotentParameterMismatchException,
    );
  });

  test("is seen whole by reads of several items, whatever runs beside it", async () => {
    const accounts = ["a", "b", "c"].map((name) => `sum-${name}`);
    for (const account of accounts) await put(account, "1", { n: { N: "100" } });
    const transfers = Array.from({ length: 60 }, (_, i) => {
      const [from = "", to = ""] = [accounts[i % 3], accounts[(i + 1) % 3]];
      return write([add(from, -1), add(to, 1)]);
    });
    const reads = Array.from({ length: 30 }, async () => {
      const { Responses } = await aws.dynamodb.send(
        new TransactGetItemsCommand({
          TransactItems: accounts.map((a) => ({ Get: { TableName, Key: key(a) } })),
        }),
      );
      return Responses?.reduce((sum, { Item }) => sum + Number(Item?.n?.N), 0);
    });
    expect(new Set(await Promise.all(reads))).toEqual(new Set([300]));
    await Promise.all(transfers);
  });
});

describe("time to live", () => {
  test("comes from the template and removes what has expired", async () => {
    const { TimeToLiveDescription } = await aws.dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "expires" });
    const now = Math.floor(Date.now() / 1000);
    await put("ttl", "expired", { expires: { N: String(now - 10) } });
    await put("ttl", "later", { expires: { N: String(now + 100) } });
    await put("ttl", "text", { expires: { S: String(now - 10) } });
    await put("ttl", "ancient", { expires: { N: "1" } });
    expect(await aws.sweepExpired()).toBe(1);
    const left = await Promise.all(["expired", "later", "text", "ancient"].map((sk) => get("ttl", sk)));
    expect(left.map((item) => item !== undefined)).toEqual([false, true, true, true]);
  });
});
