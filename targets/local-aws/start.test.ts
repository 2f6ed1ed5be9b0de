import { execFileSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { LocalAwsUnavailable, TemplateError } from "./errors.ts";
import { startFixture, until } from "./fixture/start.ts";
import { startLocalAws } from "./start.ts";

test("a taken port is told apart from a mistake", async ({ onTestFinished }) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  for (const options of [{ gatewayPort: port }, { controlPort: port }]) {
    const error = await startFixture(options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LocalAwsUnavailable);
    expect((error as LocalAwsUnavailable).code).toBe("EADDRINUSE");
  }
});

test("a template that is not there is told apart from one that is wrong", async () => {
  await expect(startLocalAws({ templatePath: "/nowhere/template.yaml" })).rejects.toMatchObject({
    name: "LocalAwsUnavailable",
    code: "ENOENT",
  });
  await expect(startFixture({ parameters: { Unknown: "x" } })).rejects.toBeInstanceOf(TemplateError);
});

test("what is present without effect is listed", async ({ onTestFinished }) => {
  const aws = await startFixture();
  onTestFinished(() => aws.close());
  expect(aws.notEmulated).toEqual([
    "template.Resources.Logs (AWS::Logs::LogGroup)",
    "template.Resources.Echo.Properties.Policies",
    "template.Resources.Machine.Properties.Tracing",
  ]);
});

test("closing in the middle of everything leaves no process and no rejection", async () => {
  const aws = await startFixture();
  const calls = [
    aws.invoke("sleep", { ms: 5_000 }),
    aws.invoke("echo"),
    fetch(`${aws.gatewayUrl}/slow?ms=5000`),
    fetch(`${aws.gatewayUrl}/things/1`),
  ].map((call) => call.then(() => "answered").catch(() => "cut off"));
  await until(() => (aws.stats().busy > 0 ? true : undefined));
  await aws.close();
  await Promise.all(calls);
  const children = execFileSync("ps", ["-eo", "ppid=,stat="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([parent, state]) => Number(parent) === process.pid && !state?.startsWith("Z"));
  // What is left is ps itself.
  expect(children.length).toBeLessThanOrEqual(1);
});
