import { AwsError } from "../errors.ts";
import type { LogStore } from "./store.ts";

/** CloudWatch Logs' own limits of one answer. */
const MOST = 10_000;

const headers = { "content-type": "application/x-amz-json-1.1" };

/** CloudWatch Logs' `FilterLogEvents`, with patterns of plain words alone. */
export function serveLogs(
  logs: LogStore,
  operation: string,
  body: Buffer,
): { status: number; headers: Record<string, string>; body: string } {
  try {
    if (operation !== "FilterLogEvents")
      throw new AwsError("UnknownOperationException", `${operation} is not emulated`);
    return { status: 200, headers, body: JSON.stringify(filter(logs, JSON.parse(body.toString() || "{}"))) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const answer = { __type: error.name, message: error.message, ...error.details };
    return { status: error.status, headers, body: JSON.stringify(answer) };
  }
}

interface Input {
  readonly logGroupName?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly filterPattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

function filter(logs: LogStore, input: Input): object {
  const { logGroupName = "", startTime = 0, endTime = Number.MAX_SAFE_INTEGER, limit = MOST } = input;
  const pattern = input.filterPattern ?? "";
  if (!/^[\w ]*$/.test(pattern))
    throw new AwsError("InvalidParameterException", `The filter pattern ${pattern} is not emulated`);
  const words = pattern.split(" ").filter(Boolean);
  const all = logs.find(logGroupName, startTime, endTime);
  if (!all) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  const found = all.filter(({ message }) => words.every((word) => message.includes(word)));
  const from = Number(input.nextToken ?? 0);
  const to = from + Math.min(limit, MOST);
  return {
    events: found.slice(from, to).map(({ timestamp, message, stream }, index) => ({
      logStreamName: stream,
      timestamp,
      ingestionTime: timestamp,
      message,
      eventId: String(from + index),
    })),
    searchedLogStreams: [],
    ...(to < found.length && { nextToken: String(to) }),
  };
}
