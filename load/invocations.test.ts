import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoadRequest } from "../gates/evidence/index.ts";
import { TargetError } from "../gates/exit.ts";
import { runRecord } from "../gates/fixture.ts";
import { p99WithoutCold, slowRequests } from "../gates/slow-requests.ts";
import { ACCESS_LOG, type LocalAws, startLocalAws } from "../targets/local-aws/start.ts";
import { readTraces, type TraceOptions } from "./invocations.ts";

const templatePath = join(import.meta.dirname, "../targets/local-aws/fixture/template.yaml");
let aws: LocalAws;
let lambda: LambdaClient;
beforeAll(async () => {
  aws = await startLocalAws({ templatePath, maxEnvironments: 4 });
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } =
    aws.environment;
  const credentials = { accessKeyId, secretAccessKey };
  lambda = new LambdaClient({ region: "us-east-1", endpoint: aws.endpoints.lambda, credentials });
});
afterAll(async () => {
  lambda.destroy();
  await aws.close();
});

const startedAt = performance.now();
const now = (): number => performance.now() - startedAt;
const requests: LoadRequest[] = [];

/** Asks the function that takes as long as it is told to, and records it as the load does. */
async function ask(ms: number, path = `/slow?ms=${ms}`): Promise<LoadRequest> {
  const dueMs = now();
  const reply = await fetch(aws.gatewayUrl + path, { headers: { authorization: "me" } });
  await reply.arrayBuffer();
  const request: LoadRequest = {
    seq: requests.length,
    target: "serverless",
    endpoint: path.startsWith("/slow") ? "slow" : "echo",
    phase: "steady",
    dueMs,
    sentMs: dueMs + 0.1,
    doneMs: now(),
    reply: reply.status,
    outcome: reply.ok ? "ok" : "unexpected-status",
    bytes: 2,
    requestId: reply.headers.get("apigw-requestid") ?? "",
  };
  requests.push(request);
  return request;
}

async function renew(name: string, value: string): Promise<void> {
  const Environment = { Variables: { ROUND: value } };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment }));
  await waitUntilFunctionUpdatedV2(
    { client: lambda, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
    { FunctionName: name },
  );
}

const options = (): TraceOptions => ({
  target: "serverless",
  region: "us-east-1",
  accessLog: ACCESS_LOG,
  functions: aws.functions,
  env: aws.environment,
  from: Date.now() - 600_000,
  to: Date.now() + 1000,
});

test("of slowdowns that are made on purpose, at least 9 of 10 are named rightly", async () => {
  const from = Date.now();
  const injected = new Map<LoadRequest, string>();
  for (let i = 0; i < 60; i++) await ask(2);
  for (let i = 0; i < 10; i++) injected.set(await ask(200), "slow-downstream");
  for (let i = 0; i < 10; i++) {
    await renew("sleep", String(i));
    injected.set(await ask(2), "cold");
  }
  // Four environments: two are busy with something long, two belong to others; whoever comes now has to wait.
  await ask(0, "/things/1");
  for (let i = 0; i < 8; i++) {
    await Promise.all([ask(2), ask(2)]);
    await ask(0, "/things/1");
    const long = [ask(300), ask(300)];
    await sleep(30);
    const waiting = [ask(2), ask(2)];
    for (const one of await Promise.all(long)) injected.set(one, "slow-downstream");
    for (const one of await Promise.all(waiting)) if (one.reply === 200) injected.set(one, "queued");
  }
  // More at once than there may be environments.
  for (let i = 0; i < 4; i++) {
    const all = await Promise.all(Array.from({ length: 10 }, () => ask(100)));
    for (const one of all) if (one.reply !== 200) injected.set(one, "throttled");
  }
  const counts = Map.groupBy(injected.values(), (cause) => cause);
  for (const cause of ["cold", "queued", "slow-downstream", "throttled"])
    expect(counts.get(cause)?.length ?? 0).toBeGreaterThanOrEqual(8);

  const invocations = await readTraces({ ...options(), from });
  const record = { ...runRecord({ requests }), invocations };
  const named = new Map(slowRequests(record, "serverless").map(({ request, cause }) => [request, cause]));
  const wrong = [...injected].filter(([request, cause]) => named.get(request) !== cause);
  expect(
    wrong.length,
    wrong.map(([one, cause]) => `${cause}, named ${named.get(one)}`).join("; "),
  ).toBeLessThanOrEqual(injected.size / 10);
  // What nobody slowed down is not called slow, but for what shared the machine with it.
  const plain = requests.slice(1, 60);
  expect(plain.filter((request) => named.has(request)).length).toBeLessThanOrEqual(6);
  const { all, warm, cold } = p99WithoutCold(record, "serverless");
  expect(cold).toBeGreaterThanOrEqual(10);
  expect(warm).toBeLessThanOrEqual(all ?? 0);
});

test("without traces nothing is made up: all that is slow is unexplained", () => {
  const slow = slowRequests(runRecord({ requests }), "serverless").filter((one) => one.cause !== "throttled");
  expect(slow.length).toBeGreaterThan(10);
  expect(new Set(slow.map((one) => one.cause))).toEqual(new Set(["unexplained"]));
});

test("logs that cannot be read are one clear error; a group that is not there holds nothing", async () => {
  await expect(readTraces({ ...options(), endpoint: "http://127.0.0.1:1" })).rejects.toThrow(TargetError);
  expect(await readTraces({ ...options(), accessLog: "/nothing" })).toEqual([]);
});
