import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TemplateError } from "../errors.ts";
import { type Fixture, startFixture, until } from "../fixture/start.ts";
import { stateMachineArn } from "../identity.ts";
import { prepareDefinition } from "./definition.ts";

const machine = stateMachineArn("machine");

let aws: Fixture;
beforeAll(async () => {
  aws = await startFixture();
});
afterAll(() => aws.close());

const start = async (name: string, input: object): Promise<string> => {
  const { executionArn = "" } = await aws.sfn.send(
    new StartExecutionCommand({ stateMachineArn: machine, name, input: JSON.stringify(input) }),
  );
  return executionArn;
};
const ended = (executionArn: string) =>
  until(async () => {
    const execution = await aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  });
const historyOf = async (executionArn: string) =>
  (await aws.sfn.send(new GetExecutionHistoryCommand({ executionArn }))).events ?? [];

describe("an execution", () => {
  test("calls functions, waits as told, and leaves a history", async () => {
    const startedAt = performance.now();
    const arn = await start("plain", { key: "plain", wait: 1 });
    const { status, output } = await ended(arn);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(status).toBe("SUCCEEDED");
    expect(JSON.parse(output ?? "")).toEqual({
      status: 200,
      payload: { key: "plain", wait: 1, tried: { calls: 1 }, calls: 2 },
    });
    const events = await historyOf(arn);
    expect(events.map((event) => event.type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "LambdaFunctionScheduled",
      "LambdaFunctionStarted",
      "LambdaFunctionSucceeded",
      "TaskStateExited",
      "WaitStateEntered",
      "WaitStateExited",
      "TaskStateEntered",
      "LambdaFunctionScheduled",
      "LambdaFunctionStarted",
      "LambdaFunctionSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(events[1]?.stateEnteredEventDetails?.name).toBe("Try");
  });

  test("tries a failed task again", async () => {
    const arn = await start("retry", { key: "retry-1", wait: 0, failures: 1 });
    expect(JSON.parse((await ended(arn)).output ?? "").payload.tried.calls).toBe(2);
  });

  test("catches an error by its name, with the function's own words as cause", async () => {
    const { output } = await ended(
      await start("catch", { key: "catch-1", wait: 0, failures: 1, error: "Fatal" }),
    );
    const { caught } = JSON.parse(output ?? "");
    expect(caught.Error).toBe("Fatal");
    expect(JSON.parse(caught.Cause)).toMatchObject({ errorType: "Fatal", errorMessage: "failure 1 of 1" });
  });

  test("fails with an error nobody handles", async () => {
    const execution = await ended(
      await start("fail", { key: "fail-1", wait: 0, failures: 1, error: "Other" }),
    );
    expect(execution).toMatchObject({ status: "FAILED", error: "Other" });
    expect(JSON.parse(execution.cause ?? "").errorMessage).toBe("failure 1 of 1");
  });

  test("can be stopped while it waits", async () => {
    const executionArn = await start("stop", { key: "stop-1", wait: 60 });
    await until(async () =>
      (await historyOf(executionArn)).find((event) => event.type === "WaitStateEntered"),
    );
    await aws.sfn.send(new StopExecutionCommand({ executionArn, error: "Enough", cause: "tests" }));
    expect(await ended(executionArn)).toMatchObject({ status: "ABORTED", error: "Enough", cause: "tests" });
  });
});

test("a throttled task is tried again under the name Lambda gives it", async () => {
  await aws.lambda.send(
    new PutFunctionConcurrencyCommand({ FunctionName: "task", ReservedConcurrentExecutions: 0 }),
  );
  const arn = await start("throttled", { key: "throttled-1", wait: 0 });
  const failed = await until(async () =>
    (await historyOf(arn)).find((event) => event.type === "LambdaFunctionFailed"),
  );
  expect(failed.lambdaFunctionFailedEventDetails?.error).toBe("Lambda.TooManyRequestsException");
  await aws.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "task" }));
  expect((await ended(arn)).status).toBe("SUCCEEDED");
});

describe("a name", () => {
  test("starts one execution: again with the same input while it runs, never after", async () => {
    const input = { key: "same-1", wait: 1 };
    const arn = await start("same", input);
    expect(await start("same", input)).toBe(arn);
    await expect(start("same", { ...input, wait: 2 })).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    await ended(arn);
    await expect(start("same", input)).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    expect((await historyOf(arn)).filter((event) => event.type === "ExecutionStarted")).toHaveLength(1);
  });

  test("that was never used is not found", async () => {
    await expect(
      aws.sfn.send(
        new DescribeExecutionCommand({ executionArn: `${machine.replace("stateMachine", "execution")}:no` }),
      ),
    ).rejects.toBeInstanceOf(ExecutionDoesNotExist);
  });

  test("is listed, the newest first", async () => {
    const arn = await start("listed", { key: "listed", wait: 0 });
    const list = await aws.sfn.send(new ListExecutionsCommand({ stateMachineArn: machine, maxResults: 1 }));
    expect(list.executions?.map((execution) => execution.executionArn)).toEqual([arn]);
    expect(list.nextToken).toBeDefined();
  });
});

describe("a definition is refused", () => {
  const task = { Type: "Task", Resource: "arn:aws:lambda:us-east-1:000000000000:function:x", End: true };
  const refusals: readonly (readonly [string, object])[] = [
    ["JSONata for the machine", { QueryLanguage: "JSONata", States: {} }],
    ["JSONata in a state", { States: { A: { ...task, QueryLanguage: "JSONata" } } }],
    ["Assign", { States: { A: { ...task, Assign: { x: 1 } } } }],
    ["another service", { States: { A: { ...task, Resource: "arn:aws:states:::sqs:sendMessage" } } }],
    [
      "a task token",
      { States: { A: { ...task, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" } } },
    ],
    [
      "a distributed Map",
      {
        States: {
          A: { Type: "Map", ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED" }, States: {} } },
        },
      },
    ],
    [
      "Assign in a branch",
      { States: { A: { Type: "Parallel", Branches: [{ States: { B: { ...task, Assign: {} } } }] } } },
    ],
  ];
  test.each(refusals)("with %s", (_what, definition) => {
    expect(() => prepareDefinition(definition as Record<string, unknown>, "machine")).toThrow(TemplateError);
  });
});
