import { expect, test } from "vitest";
import { Engine } from "./engine.ts";

test.each([0, 1, 2, 3, 4])("what is under way %i turns before it closes is still answered", async (turns) => {
  const engine = await Engine.start({
    tables: [
      {
        id: "Things",
        name: "things",
        attributes: [{ AttributeName: "pk", AttributeType: "S" }],
        keySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        localIndexes: [],
        globalIndexes: [],
        ttlAttribute: undefined,
      },
    ],
    globalIndexDelayMs: 0,
    ttlSweepMs: 60_000,
  });
  const TableName = "things";
  const writes = ["a", "b", "c"].map((pk) =>
    engine.execute("PutItem", { TableName, Item: { pk: { S: pk } } }),
  );
  const transaction = engine.execute("TransactWriteItems", {
    TransactItems: [{ Put: { TableName, Item: { pk: { S: "d" } } } }],
  });
  const read = engine.execute("GetItem", { TableName, Key: { pk: { S: "a" } }, ConsistentRead: true });
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  await engine.close();
  await Promise.all([...writes, transaction]);
  expect(await read).toEqual({ Item: { pk: { S: "a" } } });
});
