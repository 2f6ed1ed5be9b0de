import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError } from "../errors.ts";
import type { DynaliteError, Item } from "./dynalite.ts";
import type { Engine } from "./engine.ts";

export interface JsonRpcResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Answers a request to the DynamoDB API (AWS JSON 1.0). `operation` is the second half of `X-Amz-Target`. */
export async function serveDynamoDb(
  engine: Engine,
  operation: string,
  body: Buffer,
): Promise<JsonRpcResponse> {
  try {
    return respond(200, await engine.execute(operation, readJson(body)));
  } catch (error) {
    const known = (error as DynaliteError).body;
    if (known) return respond((error as DynaliteError).statusCode ?? 400, known);
    if (!(error instanceof AwsError)) throw error;
    const space =
      error.name === "UnknownOperationException"
        ? "com.amazon.coral.service"
        : "com.amazonaws.dynamodb.v20120810";
    return respond(error.status, {
      __type: `${space}#${error.name}`,
      Message: error.message,
      message: error.message,
      ...error.details,
    });
  }
}

function readJson(body: Buffer): Item {
  try {
    return JSON.parse(body.toString()) as Item;
  } catch {
    throw new AwsError("SerializationException", "The request is not JSON");
  }
}

function respond(status: number, data: object): JsonRpcResponse {
  const body = JSON.stringify(data);
  return {
    status,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": randomUUID(),
      "x-amz-crc32": String(crc32(body)),
    },
    body,
  };
}
