import { randomUUID } from "node:crypto";
import { AwsError } from "../errors.ts";
import { ACCOUNT_ID } from "../identity.ts";
import type { Execution, Executions } from "./executions.ts";

type Json = Record<string, unknown>;

const DEFAULT_PAGE = 100;

const operations: Readonly<Record<string, (executions: Executions, input: Json) => Json>> = {
  StartExecution: (executions, input) => {
    const machine = executions.machine(String(input.stateMachineArn));
    const name = input.name === undefined ? randomUUID() : String(input.name);
    const execution = executions.run(machine, name, String(input.input ?? "{}"));
    return { executionArn: execution.arn, startDate: execution.startedAtMs / 1000 };
  },
  StopExecution: (executions, input) => {
    const execution = executions.find(String(input.executionArn));
    if (execution.status === "RUNNING") execution.abort(optional(input.error), optional(input.cause));
    return { stopDate: (execution.stoppedAtMs ?? Date.now()) / 1000 };
  },
  DescribeExecution: (executions, input) => {
    const execution = executions.find(String(input.executionArn));
    return {
      ...summary(execution),
      input: execution.input,
      inputDetails: { included: true },
      ...(execution.output !== undefined && { output: execution.output, outputDetails: { included: true } }),
      ...(execution.error !== undefined && { error: execution.error }),
      ...(execution.cause !== undefined && { cause: execution.cause }),
      redriveCount: 0,
      redriveStatus: "NOT_REDRIVABLE",
    };
  },
  GetExecutionHistory: (executions, input) => {
    const { events } = executions.find(String(input.executionArn)).history;
    const { page, nextToken } = paginate(input.reverseOrder === true ? events.toReversed() : events, input);
    return { events: page, ...nextToken };
  },
  ListExecutions: (executions, input) => {
    const machine = executions.machine(String(input.stateMachineArn));
    const { page, nextToken } = paginate(executions.list(machine, optional(input.statusFilter)), input);
    return { executions: page.map(summary), ...nextToken };
  },
  DescribeStateMachine: (executions, input) => {
    const machine = executions.machine(String(input.stateMachineArn));
    return {
      stateMachineArn: machine.arn,
      name: machine.name,
      status: "ACTIVE",
      definition: JSON.stringify(machine.definition),
      roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/local`,
      type: "STANDARD",
      creationDate: machine.createdAtMs / 1000,
    };
  },
};

/** Answers a request to the Step Functions API (AWS JSON 1.0). */
export async function serveStepFunctions(executions: Executions, operation: string, body: Buffer) {
  try {
    const handler = operations[operation];
    if (!handler) throw new AwsError("UnknownOperationException", `${operation} is not emulated`);
    return respond(200, handler(executions, JSON.parse(body.toString()) as Json));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return respond(error.status, { __type: error.name, message: error.message });
  }
}

const summary = (execution: Execution): Json => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machine.arn,
  name: execution.name,
  status: execution.status,
  startDate: execution.startedAtMs / 1000,
  ...(execution.stoppedAtMs !== undefined && { stopDate: execution.stoppedAtMs / 1000 }),
});

/** A token is the number of entries before the page. */
function paginate<T>(
  all: readonly T[],
  input: Json,
): { page: readonly T[]; nextToken: { nextToken?: string } } {
  const from = Number(input.nextToken ?? 0);
  const to = from + (Number(input.maxResults ?? 0) || DEFAULT_PAGE);
  return { page: all.slice(from, to), nextToken: to < all.length ? { nextToken: String(to) } : {} };
}

const optional = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

const respond = (status: number, data: object) => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() },
  body: JSON.stringify(data),
});
