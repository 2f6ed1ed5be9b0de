import { AwsError } from "../errors.ts";
import type { Item } from "./dynalite.ts";

type Execute = (operation: string, input: Item) => Promise<Item>;

/** AWS leaves alone what expired longer ago: more likely a mistake than an expiry. */
const OLDEST_SECONDS = 5 * 365 * 24 * 3600;

/** Time to live: which attribute of a table holds its items' expiry (Unix seconds), and their removal. */
export class TimeToLive {
  readonly #attributes = new Map<string, string>();
  readonly #execute: Execute;
  readonly #timer: NodeJS.Timeout;

  constructor(execute: Execute, sweepMs: number) {
    this.#execute = execute;
    this.#timer = setInterval(() => void this.sweep().catch(reportSweep), sweepMs).unref();
  }

  async update(input: Item): Promise<Item> {
    const table = String(input.TableName);
    await this.#execute("DescribeTable", { TableName: table });
    const { Enabled, AttributeName } = (input.TimeToLiveSpecification ?? {}) as Item;
    if (typeof Enabled !== "boolean" || typeof AttributeName !== "string" || AttributeName === "")
      throw new AwsError("ValidationException", "TimeToLiveSpecification needs Enabled and AttributeName");
    if (this.#attributes.has(table) === Enabled)
      throw new AwsError("ValidationException", `TimeToLive is already ${Enabled ? "enabled" : "disabled"}`);
    if (Enabled) this.#attributes.set(table, AttributeName);
    else this.#attributes.delete(table);
    return { TimeToLiveSpecification: { Enabled, AttributeName } };
  }

  async describe(input: Item): Promise<Item> {
    const table = String(input.TableName);
    await this.#execute("DescribeTable", { TableName: table });
    const AttributeName = this.#attributes.get(table);
    return {
      TimeToLiveDescription: AttributeName
        ? { TimeToLiveStatus: "ENABLED", AttributeName }
        : { TimeToLiveStatus: "DISABLED" },
    };
  }

  /** Removes what has expired by now; resolves to how many items that was. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (const [table, attribute] of this.#attributes) removed += await this.#sweepTable(table, attribute);
    return removed;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #sweepTable(TableName: string, attribute: string): Promise<number> {
    const now = Math.floor(Date.now() / 1000);
    const expired = {
      ExpressionAttributeNames: { "#ttl": attribute },
      ExpressionAttributeValues: {
        ":now": { N: String(now) },
        ":oldest": { N: String(now - OLDEST_SECONDS) },
      },
    };
    const condition = "#ttl <= :now AND #ttl > :oldest";
    const { Table } = (await this.#execute("DescribeTable", { TableName })) as {
      Table: { KeySchema: { AttributeName: string }[] };
    };
    const keys = Table.KeySchema.map((key) => key.AttributeName);
    let removed = 0;
    let ExclusiveStartKey: unknown;
    do {
      const page = await this.#execute("Scan", {
        TableName,
        FilterExpression: condition,
        ...structuredClone(expired),
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      });
      for (const item of page.Items as Item[]) {
        const Key = Object.fromEntries(keys.map((key) => [key, item[key]]));
        // An item whose expiry was moved in the meantime stays.
        const gone = await this.#execute("DeleteItem", {
          TableName,
          Key,
          ConditionExpression: condition,
          ...structuredClone(expired),
        }).then(
          () => true,
          (error: Error) => {
            if (/conditional request failed/.test(error.message)) return false;
            throw error;
          },
        );
        if (gone) removed++;
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return removed;
  }
}

function reportSweep(error: unknown): void {
  console.error("local DynamoDB: expired items could not be removed:", error);
}
