import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateAliasCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListFunctionsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, startFixture, until } from "../fixture/start.ts";

let aws: Fixture;
beforeAll(async () => {
  aws = await startFixture({ maxEnvironments: 8, env: { EXTRA: "given" } });
});
afterAll(() => aws.close());

describe("an execution environment", () => {
  test("is initialised once and reports it once", async () => {
    const first = await aws.invoke("echo", { reply: 1 });
    const second = await aws.invoke("echo", { reply: 2 });
    expect(first.initMs).toBeGreaterThan(1);
    expect(second.initMs).toBeUndefined();
    const [, duration, billed, memory] =
      /^REPORT RequestId: \S+\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: 256 MB\tMax Memory Used: (\d+) MB\tInit/m.exec(
        first.log,
      ) ?? [];
    expect(Number(billed)).toBe(Math.ceil(Number(duration) + (first.initMs ?? 0)));
    expect(Number(memory)).toBeGreaterThan(20);
  });

  test("finds the variables Lambda sets, the template's, and nothing of ours", async () => {
    process.env.MUST_NOT_LEAK = "1";
    const { body } = await aws.invoke("environment");
    expect(body).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: "environment",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_ENDPOINT_URL_DYNAMODB: aws.endpoints.dynamodb,
      TABLE: "things",
      GREETING: "hello, us-east-1",
      EXTRA: "given",
      TZ: ":UTC",
    });
    expect(body).not.toHaveProperty("MUST_NOT_LEAK");
    expect(body).not.toHaveProperty("ONLY_ON_AWS");
  });

  test("keeps the logs of invocations apart", async () => {
    for (let i = 0; i < 50; i++) {
      const { log } = await aws.invoke("echo", { reply: i, lines: 1_000 });
      const ids = new Set(log.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g));
      expect(ids.size).toBe(1);
      expect(log).toContain("\tline 1000 x");
      expect(Buffer.byteLength(log)).toBe(4096);
    }
  });
});

describe("a function that fails", () => {
  test("by throwing", async () => {
    const { error, body, log } = await aws.invoke("misbehave", { how: "throw" });
    expect(error).toBe("Unhandled");
    expect(body).toMatchObject({ errorType: "TypeError", errorMessage: "thrown on purpose" });
    expect(log).toContain("ERROR\tInvoke Error");
  });

  test("by ending its process; the next start counts as duration", async () => {
    const { body, log } = await aws.invoke("misbehave", { how: "exit" });
    expect(body.errorType).toBe("Runtime.ExitError");
    expect(body.errorMessage).toMatch(/^RequestId: \S+ Error: Runtime exited with error: exit status 3$/);
    expect(log).toContain("\tStatus: error\tError Type: Runtime.ExitError");
    const next = await aws.invoke("misbehave");
    expect(next.body.calls).toBe(1);
    expect(next.initMs).toBeUndefined();
  });

  test("by taking too long", async () => {
    const { body, log } = await aws.invoke("misbehave", { how: "hang" });
    expect(body.errorType).toBe("Sandbox.Timedout");
    expect(body.errorMessage).toMatch(/Task timed out after 2\.00 seconds$/);
    expect(log).toContain("\tStatus: timeout");
  });

  test("by answering more than 6 MB", async () => {
    expect((await aws.invoke("misbehave", { how: "huge" })).body.errorType).toBe(
      "Function.ResponseSizeTooLarge",
    );
  });

  test("by not loading", async () => {
    const { error, body, log, initMs } = await aws.invoke("broken");
    expect(error).toBe("Unhandled");
    expect(body).toMatchObject({ errorType: "RangeError", errorMessage: "cannot be loaded" });
    expect(log).toContain("Phase: init\tStatus: error\tError Type: RangeError");
    expect(log).toContain("Phase: invoke\tStatus: error\tError Type: RangeError");
    expect(initMs).toBeUndefined();
  });

  test("by not existing", async () => {
    await expect(aws.invoke("nobody")).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
});

describe("an update of the configuration", () => {
  test("retires the environments, and the SDK's waiter sees it through", async () => {
    const before = (await aws.invoke("environment")).body;
    const { environments } = aws.stats();
    await aws.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "environment",
        MemorySize: 300,
        Environment: { Variables: { TABLE: "other" } },
      }),
    );
    await waitUntilFunctionUpdatedV2(
      { client: aws.lambda, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
      { FunctionName: "environment" },
    );
    expect(aws.stats().environments).toBe(environments - 1);
    const after = await aws.invoke("environment");
    expect(before.TABLE).toBe("things");
    expect(after.body.TABLE).toBe("other");
    expect(after.initMs).toBeGreaterThan(1);
    const configuration = await aws.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: "environment" }),
    );
    expect(configuration).toMatchObject({ MemorySize: 300, LastUpdateStatus: "Successful", State: "Active" });
  });
});

describe("concurrency", () => {
  const sleepers = (count: number, ms = 400) =>
    Array.from({ length: count }, () => aws.invoke("sleep", { ms }).then(({ body }) => body.pid as number));

  test("takes an environment for each call at once", async () => {
    const pids = await Promise.all(sleepers(3));
    expect(new Set(pids).size).toBe(3);
    expect(pids).toContain((await aws.invoke("sleep")).body.pid);
  });

  test("reserved for a function is its limit", async () => {
    const FunctionName = "sleep";
    await aws.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }),
    );
    expect(await aws.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).toMatchObject({
      ReservedConcurrentExecutions: 1,
    });
    const [first, second] = await Promise.allSettled(sleepers(2));
    expect(first?.status).toBe("fulfilled");
    const reason = (second as PromiseRejectedResult).reason as TooManyRequestsException;
    expect(reason).toBeInstanceOf(TooManyRequestsException);
    expect(reason.Reason).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
    expect(reason.retryAfterSeconds).toBe("1");
    await aws.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await Promise.all(sleepers(2))).toHaveLength(2);
  });

  test("is limited by the account; an idle environment of another function stays while a busy one will do", async () => {
    await aws.invoke("echo", { reply: 1 });
    const { evicted } = aws.stats();
    await Promise.all(sleepers(7));
    expect(aws.stats()).toMatchObject({ environments: 8 });
    const before = aws.stats().evicted;
    expect(before).toBeGreaterThanOrEqual(evicted);
    const results = await Promise.allSettled(sleepers(10));
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason.Reason] : []));
    expect(reasons).toEqual(["ConcurrentInvocationLimitExceeded", "ConcurrentInvocationLimitExceeded"]);
    expect(aws.stats()).toMatchObject({ environments: 8, busy: 0, evicted: before });
    expect((await aws.invoke("echo", { reply: 1 })).initMs).toBeUndefined();
  });

  test("makes room for a function that has no environment by one that another can spare", async () => {
    await aws.invoke("echo", { reply: 1 });
    await Promise.all(sleepers(7));
    const { evicted } = aws.stats();
    expect((await aws.invoke("uses-table", { id: 1 })).initMs).toBeGreaterThan(1);
    expect(aws.stats().evicted).toBeGreaterThan(evicted);
    // The only one of its function, and the one used least recently.
    expect((await aws.invoke("echo", { reply: 1 })).initMs).toBeUndefined();
  });
});

describe("versions and aliases", () => {
  test("are what SAM publishes", async () => {
    expect((await aws.invoke("uses-table:live", { id: 1 })).version).toBe("1");
    expect((await aws.invoke("uses-table", { id: 1 })).version).toBe("$LATEST");
  });

  test("share calls by weight", async () => {
    const FunctionName = "environment";
    const publish = async (value: string): Promise<string | undefined> => {
      await aws.lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Environment: { Variables: { VALUE: value } },
        }),
      );
      await waitUntilFunctionUpdatedV2(
        { client: aws.lambda, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
        { FunctionName },
      );
      return (await aws.lambda.send(new PublishVersionCommand({ FunctionName }))).Version;
    };
    const [old, next] = [await publish("old"), await publish("next")];
    if (!old || !next) throw new Error("not published");
    await aws.lambda.send(new CreateAliasCommand({ FunctionName, Name: "shift", FunctionVersion: old }));
    const values = async (): Promise<Set<string>> => {
      const seen = new Set<string>();
      for (let i = 0; i < 40; i++) seen.add((await aws.invoke("environment:shift")).body.VALUE);
      return seen;
    };
    expect(await values()).toEqual(new Set(["old"]));
    const route = (weight: number) =>
      aws.lambda.send(
        new UpdateAliasCommand({
          FunctionName,
          Name: "shift",
          RoutingConfig: { AdditionalVersionWeights: { [next]: weight } },
        }),
      );
    await route(0.5);
    expect(await values()).toEqual(new Set(["old", "next"]));
    await route(1);
    expect(await values()).toEqual(new Set(["next"]));
  });
});

describe("the ways to call", () => {
  test("an event is accepted at once and carried out", async () => {
    const reply = await aws.lambda.send(
      new InvokeCommand({ FunctionName: "uses-table", InvocationType: "Event", Payload: '{"id":"event"}' }),
    );
    expect(reply.StatusCode).toBe(202);
    const get = new GetItemCommand({ TableName: "things", Key: { pk: { S: "row" }, sk: { S: "event" } } });
    await until(async () => (await aws.dynamodb.send(get)).Item);
  });

  test("a dry run runs nothing", async () => {
    const { started } = aws.stats();
    const reply = await aws.lambda.send(
      new InvokeCommand({ FunctionName: "reply", InvocationType: "DryRun" }),
    );
    expect(reply.StatusCode).toBe(204);
    expect(aws.stats().started).toBe(started);
  });

  test("all functions are listed", async () => {
    const { Functions } = await aws.lambda.send(new ListFunctionsCommand({}));
    expect(Functions?.map((f) => f.FunctionName)).toEqual([...aws.functions].sort());
  });
});
