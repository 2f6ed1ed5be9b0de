import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { LocalAwsUnavailable, TemplateError } from "./errors.ts";
import { startFixture } from "./fixture/start.ts";
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
