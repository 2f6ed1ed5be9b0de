import { join } from "node:path";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRun } from "../gates/evidence/index.ts";
import { Interrupted, TargetError, UsageError } from "../gates/exit.ts";
import { type LocalAws, startLocalAws } from "../targets/local-aws/start.ts";
import { type ColdStartOptions, probeColdStarts } from "./cold-starts.ts";
import { emptyRun } from "./fixture.ts";

const templatePath = join(import.meta.dirname, "../targets/local-aws/fixture/template.yaml");
let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws({ templatePath });
});
afterAll(() => aws.close());

const options = (runDir: string, names: readonly string[], samples: number): ColdStartOptions => ({
  target: "serverless",
  lambda: { region: "us-east-1", functions: names.map((name) => ({ name, weight: 1 })) },
  env: aws.environment,
  samples,
  runDir,
  seed: 1,
  secrets: [],
  signal: new AbortController().signal,
});

async function variablesOf(name: string): Promise<Readonly<Record<string, string>> | undefined> {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } =
    aws.environment;
  const client = new LambdaClient({
    region: "us-east-1",
    endpoint: aws.endpoints.lambda,
    credentials: { accessKeyId, secretAccessKey },
  });
  const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  client.destroy();
  return found.Environment?.Variables;
}

test("every sample is cold, recorded once, and nothing of it stays behind", async ({ onTestFinished }) => {
  const before = await variablesOf("echo");
  const run = emptyRun(onTestFinished);
  const seen: number[] = [];
  const result = await probeColdStarts({
    ...options(run.dir, ["echo", "environment"], 6),
    onProgress: (done, planned) => seen.push(done / planned),
  });
  run.end();
  const { coldStarts, corrupt } = readRun(run.dir);
  expect(corrupt).toEqual([]);
  expect(result).toEqual({ planned: 6, finished: 6 });
  expect(seen.at(-1)).toBe(1);
  expect(coldStarts.map((one) => one.sample)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(coldStarts.filter((one) => one.function === "echo")).toHaveLength(3);
  for (const one of coldStarts) {
    expect(one).toMatchObject({
      target: "serverless",
      population: "serial",
      classification: "cold",
      memoryMb: 256,
    });
    expect(one.error).toBeUndefined();
    expect(one.initMs).toBeGreaterThan(1);
    expect(one.clientMs).toBeGreaterThan(one.initMs ?? 0);
  }
  expect(await variablesOf("echo")).toEqual(before);
});

test("bursts are a population of their own, numbered on", async ({ onTestFinished }) => {
  const run = emptyRun(onTestFinished);
  const result = await probeColdStarts({
    ...options(run.dir, ["echo", "environment"], 2),
    burst: { size: 3, times: 2 },
  });
  run.end();
  const { coldStarts } = readRun(run.dir);
  expect(result).toEqual({ planned: 8, finished: 8 });
  expect(coldStarts.map((one) => one.sample)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const bursts = Map.groupBy(
    coldStarts.filter((one) => one.population === "burst"),
    (one) => one.function,
  );
  expect([...bursts.values()].map((own) => own.length)).toEqual([3, 3]);
  // Three at once need three environments.
  for (const own of bursts.values())
    expect(own.map((one) => one.classification)).toEqual(Array(3).fill("cold"));
});

test("a function that crashes on its way up is suppressed, not cold, and its error is kept", async ({
  onTestFinished,
}) => {
  const run = emptyRun(onTestFinished);
  await probeColdStarts(options(run.dir, ["broken"], 1));
  run.end();
  const [sample] = readRun(run.dir).coldStarts;
  expect(sample?.classification).toBe("suppressed");
  expect(sample?.error).toMatch(/Unhandled/);
});

test("a function that does not exist is named before any other is touched", async ({ onTestFinished }) => {
  const run = emptyRun(onTestFinished);
  const probe = probeColdStarts(options(run.dir, ["echo", "nothing-there"], 4));
  await expect(probe).rejects.toThrow(TargetError);
  await expect(probe).rejects.toThrow(/nothing-there/);
  run.end();
  expect(readRun(run.dir).coldStarts).toEqual([]);
});

test("nothing to measure, or fewer samples than functions, is refused", async ({ onTestFinished }) => {
  const run = emptyRun(onTestFinished);
  await expect(probeColdStarts(options(run.dir, [], 10))).rejects.toThrow(UsageError);
  await expect(probeColdStarts(options(run.dir, ["echo", "reply"], 1))).rejects.toThrow(UsageError);
});

test("interrupted, it puts back what it changed and keeps what it saw", async ({ onTestFinished }) => {
  const before = await variablesOf("echo");
  const run = emptyRun(onTestFinished);
  const stop = new AbortController();
  const probe = probeColdStarts({
    ...options(run.dir, ["echo"], 100),
    signal: stop.signal,
    onProgress: (done) => done === 2 && stop.abort(),
  });
  await expect(probe).rejects.toThrow(Interrupted);
  run.end();
  expect(readRun(run.dir).coldStarts).toHaveLength(2);
  expect(await variablesOf("echo")).toEqual(before);
});
